import type { Api, Entry, File } from './api';
import { ICON, h, icon } from './dom';
import type { Words } from './i18n';
import type { Log, Said } from './log';
import type { Line } from './queue';
import { safe } from './safe';

/** Lines of one speaker within this time stand together. */
const TOGETHER = 5 * 60_000;

/** What the transcript asks of the application. */
export interface Acts {
  retry(key: string): void;
  remove(key: string): void;
  /** The visitor has this line of somebody else, and perhaps older ones, in view. */
  visible(seq: number): void;
}

/** Transcript draws the conversation: one row for each entry in the order of seq, then the lines not yet sent. */
export class Transcript {
  readonly element: HTMLElement;
  readonly earlier: HTMLButtonElement;
  tombstone = false;
  /** The newest own line known to be seen. */
  seen = 0;
  private readonly hello: HTMLElement;
  private readonly rows: HTMLElement;
  private readonly pending: HTMLElement;
  private readonly drawn = new Map<number, HTMLElement>();
  private readonly inView: IntersectionObserver;
  private atEnd = true;
  private stale = false;

  constructor(
    private readonly words: Words,
    private readonly log: Log,
    private readonly api: Api,
    private readonly acts: Acts,
    foot: HTMLElement,
  ) {
    this.hello = h('p', { class: 'hello', dir: 'auto' }, words.say('hello'));
    this.earlier = h('button', { type: 'button', class: 'earlier', hidden: true }, words.say('earlier'));
    this.rows = h('div');
    this.pending = h('div', { 'aria-live': 'off', id: 'skein-pending' });
    this.element = h(
      'div',
      { id: 'skein-log', role: 'log', 'aria-live': 'off', 'aria-label': words.say('title'), tabindex: '0' },
      h('div', {}, this.earlier, this.hello, this.rows, foot, this.pending),
    );
    this.element.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.element;
      this.atEnd = scrollHeight - scrollTop - clientHeight < 48;
    });
    new ResizeObserver(() => this.settle()).observe(this.element);
    this.inView = new IntersectionObserver(
      (changes) => {
        const rows = changes
          .filter(({ isIntersecting }) => isIntersecting)
          .map(({ target }) => (target as HTMLElement).dataset);
        const seqs = rows.filter(({ by }) => by && by !== 'visitor').map(({ seq }) => Number(seq));
        if (seqs.length) acts.visible(Math.max(...seqs));
      },
      { root: this.element },
    );
  }

  greet(greeting: string): void {
    this.hello.textContent = greeting;
  }

  /** draw brings the row of one entry up to date. */
  draw(seq: number): void {
    const entry = this.log.get(seq);
    const row = entry && this.row(entry);
    const old = this.drawn.get(seq);
    this.drawn.delete(seq);
    if (row) {
      if (old) old.replaceWith(row);
      else
        this.rows.insertBefore(
          row,
          [...this.rows.children].find((other) => Number((other as HTMLElement).dataset.seq) > seq) ?? null,
        );
      this.drawn.set(seq, row);
      this.inView.observe(row);
    } else old?.remove();
    this.regroup();
  }

  /** drawLines draws what the visitor wrote and the server has not confirmed. What has not changed is left alone. */
  drawLines(lines: Line[]): void {
    const old = new Map([...this.pending.children].map((row) => [identity(row as HTMLElement), row]));
    lines.forEach((line, at) => {
      const row = this.line(line);
      const kept = old.get(identity(row));
      old.delete(identity(row));
      if (!kept) this.pending.insertBefore(row, this.pending.children[at] ?? null);
    });
    for (const row of old.values()) row.remove();
    this.regroup();
  }

  /** whole tells whether the oldest line is here; if not, more can be asked for. */
  set whole(whole: boolean) {
    this.earlier.hidden = whole;
    // From now on lines are news; those that were there before need not be read out.
    this.element.setAttribute('aria-live', 'polite');
    this.hello.hidden = !whole;
  }

  /** toEnd shows the newest line. */
  toEnd(): void {
    this.atEnd = true;
    this.settle();
  }

  clear(): void {
    this.rows.replaceChildren();
    this.drawn.clear();
  }

  /** look asks again which lines are in view. */
  look(): void {
    for (const row of this.drawn.values()) {
      this.inView.unobserve(row);
      this.inView.observe(row);
    }
  }

  private settle(): void {
    if (this.atEnd) this.element.scrollTop = this.element.scrollHeight;
  }

  private row(entry: Entry): HTMLElement | undefined {
    if (entry.kind === 'state')
      return entry.text
        ? h('div', { class: 'state', dir: 'auto', 'data-seq': String(entry.seq) }, entry.text)
        : undefined;
    const said = this.log.said(entry.seq);
    if (!said || (said.deleted && !this.tombstone)) return undefined;
    const { kind, name } = said.by;
    const own = kind === 'visitor';
    const who = own ? this.words.say('you') : name || this.words.say(kind === 'robot' ? 'robot' : 'title');
    return h(
      'div',
      { class: own ? 'row own' : 'row', 'data-seq': String(said.seq), 'data-by': kind },
      h('div', { class: 'day' }, this.words.day(said.at)),
      h('div', { class: own ? 'hear' : 'name', dir: 'auto' }, who),
      this.bubble(said),
      this.meta(said, own),
    );
  }

  private bubble(said: Said): HTMLElement {
    if (said.deleted) return h('div', { class: 'bubble tombstone' }, this.words.say('removed'));
    const text = said.html ? safe(said.html) : said.text ? [h('div', { class: 'plain' }, said.text)] : [];
    const files = (said.files ?? []).map((file) => this.file(file));
    return h(
      'div',
      { class: 'bubble', lang: said.language },
      !!text.length && h('div', { dir: 'auto' }, ...text),
      ...files,
    );
  }

  private meta(said: Said, own: boolean): HTMLElement {
    const parts: (Node | string | false)[] = [
      h('time', { datetime: said.at }, this.words.time(said.at)),
      said.edited && !said.deleted && '· ' + this.words.say('edited'),
      !!said.translated_from && '· ' + this.words.say('translated', this.words.language(said.translated_from)),
      own && h('span', { class: 'glyph' }),
    ];
    return h('div', { class: 'meta' }, ...parts);
  }

  private glyph(state: 'queued' | 'sent' | 'seen' | 'failed'): Node[] {
    return [icon(ICON[state]), h('span', { class: 'hear' }, this.words.say(state))];
  }

  private line(line: Line): HTMLElement {
    const { key, refused } = line;
    const bubble = h('div', { class: 'bubble' }, line.text && h('div', { class: 'plain', dir: 'auto' }, line.text));
    bubble.append(
      ...line.files.map((file) => h('div', { class: 'file' }, icon(ICON.file), h('span', { dir: 'auto' }, file.name))),
    );
    const attributes = { class: 'row own ' + (refused === undefined ? 'queued' : 'failed'), 'data-key': key };
    if (refused === undefined)
      return h('div', attributes, bubble, h('div', { class: 'meta' }, ...this.glyph('queued')));
    return h(
      'div',
      attributes,
      bubble,
      h('div', { class: 'meta', role: 'alert' }, ...this.glyph('failed'), h('span', { dir: 'auto' }, refused)),
      h(
        'div',
        { class: 'acts' },
        h('button', { type: 'button', click: () => this.acts.retry(key) }, this.words.say('retry')),
        h('button', { type: 'button', click: () => this.acts.remove(key) }, this.words.say('remove')),
      ),
    );
  }

  private file(file: File): HTMLElement {
    const fetched = async () =>
      URL.createObjectURL(await (await this.api.call('files/' + encodeURIComponent(file.id))).blob());
    if (/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) {
      const image = h('img', { alt: file.name, width: file.width?.toString(), height: file.height?.toString() });
      const link = h('a', { download: file.name, 'aria-label': this.words.say('download', file.name) }, image);
      image.addEventListener('load', () => this.settle());
      fetched().then(
        (address) => (link.href = image.src = address),
        () => link.replaceWith(file.name),
      );
      return link;
    }
    const save = async () => {
      const href = await fetched();
      h('a', { href, download: file.name }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    };
    const label = this.words.say('download', file.name);
    return h(
      'button',
      { type: 'button', class: 'file', 'aria-label': label, click: () => save().catch(() => {}) },
      icon(ICON.file),
      h('span', { dir: 'auto' }, file.name),
    );
  }

  private regroup(): void {
    if (this.stale) return;
    this.stale = true;
    // Once for all entries that came together.
    queueMicrotask(() => {
      this.stale = false;
      this.group();
      this.deliveries();
      this.settle();
    });
  }

  // Days, names and times are shown once for the lines that stand together; the newest own line tells its delivery.
  private group(): void {
    let before: Said | undefined;
    let last: HTMLElement | undefined;
    const part = (row: HTMLElement, name: string) => row.querySelector<HTMLElement>(':scope > .' + name)!;
    for (const row of this.rows.children as Iterable<HTMLElement> & HTMLCollection) {
      const said = this.log.said(Number(row.dataset.seq));
      if (!said) {
        before = undefined;
        continue;
      }
      const day = !before || new Date(before.at).toDateString() !== new Date(said.at).toDateString();
      const same =
        !day &&
        before!.by.kind === said.by.kind &&
        before!.by.name === said.by.name &&
        Date.parse(said.at) - Date.parse(before!.at) < TOGETHER;
      part(row, 'day').hidden = !day;
      row.classList.toggle('first', !same);
      const name = row.querySelector<HTMLElement>(':scope > .name');
      if (name) name.hidden = same;
      part(row, 'meta').hidden = false;
      if (same && last) part(last, 'meta').hidden = !this.log.said(Number(last.dataset.seq))!.edited;
      before = said;
      last = row;
    }
  }

  private deliveries(): void {
    const seen = Math.max(this.seen, this.log.answered());
    for (const glyph of this.rows.querySelectorAll<HTMLElement>('.glyph')) {
      const seq = Number(glyph.closest<HTMLElement>('.row')!.dataset.seq);
      glyph.replaceChildren(...this.glyph(seq <= seen ? 'seen' : 'sent'));
    }
  }
}

// A pending row is drawn anew only when its line was refused or tried again.
function identity(row: HTMLElement): string {
  return row.dataset.key! + row.className;
}
