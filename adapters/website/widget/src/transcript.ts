import type { Api, Entry, File } from './api';
import { ICON, h, icon } from './dom';
import type { Word, Words } from './i18n';
import type { Log, Said } from './log';
import type { Line } from './queue';
import { safe } from './safe';

/** Lines of one speaker within this time stand together. */
const TOGETHER = 5 * 60_000;

/** What the transcript asks of the application. */
export interface Acts {
  retry(key: string): void;
  remove(key: string): void;
  /** The visitor has a line of somebody else in view. It tells whether that is known now. */
  visible(seq: number): boolean;
  /** The visitor has come to the oldest line here. */
  earlier(): void;
  say(text: string): void;
}

/** Transcript draws the conversation: one row for each entry in the order of seq, then the lines not yet sent. */
export class Transcript {
  readonly element: HTMLElement;
  readonly earlier: HTMLButtonElement;
  tombstone = false;
  private readonly hello: HTMLElement;
  private readonly rows: HTMLElement;
  private readonly pending: HTMLElement;
  private readonly drawn = new Map<number, HTMLElement>();
  private readonly unseen = new Set<HTMLElement>(); // own lines, as far as is known
  private readonly unread = new Set<HTMLElement>(); // lines of others that have not been in view
  private readonly stale = new Set<Element>(); // rows to group anew
  private readonly inView: IntersectionObserver;
  private atEnd = true;
  private due = false;

  constructor(
    private readonly words: Words,
    private readonly log: Log,
    private readonly api: Api,
    private readonly acts: Acts,
    foot: HTMLElement,
  ) {
    this.hello = h('p', { class: 'hello', dir: 'auto' }, words.say('hello'));
    this.earlier = h(
      'button',
      { type: 'button', class: 'earlier', hidden: true, click: () => acts.earlier() },
      words.say('earlier'),
    );
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
        const rows = changes.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target as HTMLElement);
        if (rows.includes(this.earlier)) acts.earlier();
        const read = rows.filter((row) => row !== this.earlier);
        if (read.length && acts.visible(Math.max(...read.map(number)))) read.forEach((row) => this.forget(row));
      },
      { root: this.element },
    );
    this.inView.observe(this.earlier);
  }

  greet(greeting: string): void {
    this.hello.textContent = greeting;
  }

  /** draw brings the row of one entry up to date. */
  draw(seq: number): void {
    const entry = this.log.get(seq);
    const row = entry && this.row(entry);
    const old = this.drawn.get(seq);
    const next = old ? old.nextElementSibling : this.place(seq);
    const before = old ? old.previousElementSibling : next ? next.previousElementSibling : this.rows.lastElementChild;
    if (old) {
      this.forget(old);
      old.remove();
    }
    this.drawn.delete(seq);
    if (row) {
      this.rows.insertBefore(row, next);
      this.drawn.set(seq, row);
      const { by } = row.dataset;
      if (by === 'visitor') this.unseen.add(row);
      else if (by) {
        this.unread.add(row);
        this.inView.observe(row);
      }
    }
    for (const stale of [before, row, next]) if (stale) this.stale.add(stale);
    this.later();
  }

  // Lines come at the end, and older ones at the beginning.
  private place(seq: number): Element | null {
    const last = this.rows.lastElementChild;
    if (!last || number(last) < seq) return null;
    let next = this.rows.firstElementChild!;
    while (number(next) < seq) next = next.nextElementSibling!;
    return next;
  }

  private forget(row: HTMLElement): void {
    this.inView.unobserve(row);
    this.unread.delete(row);
    this.unseen.delete(row);
  }

  /**
   * drawLines draws what the visitor wrote and the server has not confirmed, with a choice where it does not get
   * through. What has not changed is left alone.
   */
  drawLines(lines: Line[], stuck: boolean): void {
    const old = new Map([...this.pending.children].map((row) => [identity(row as HTMLElement), row]));
    lines.forEach((line, at) => {
      const row = this.line(line, stuck);
      const kept = old.get(identity(row));
      old.delete(identity(row));
      if (!kept) this.pending.insertBefore(row, this.pending.children[at] ?? null);
    });
    for (const row of old.values()) row.remove();
    this.later();
  }

  /** whole tells whether the oldest line is here; if not, more can be asked for. */
  set whole(whole: boolean) {
    const lost = whole && document.activeElement === this.earlier;
    this.earlier.hidden = whole;
    if (lost) this.element.focus();
    this.hello.hidden = !whole;
  }

  /** loud tells whether lines are news, to be read out; those that were there before are not. */
  set loud(loud: boolean) {
    this.element.setAttribute('aria-live', loud ? 'polite' : 'off');
  }

  /** older lets add put lines above those in view, which stay where they are. */
  older(add: () => void): void {
    const { element } = this;
    const below = element.scrollHeight - element.scrollTop;
    this.loud = false;
    add();
    this.flush();
    element.scrollTop = element.scrollHeight - below;
    this.lookAt(this.earlier); // which may be in view still
    setTimeout(() => (this.loud = true), 1000);
  }

  /** toEnd shows the newest line. */
  toEnd(): void {
    this.atEnd = true;
    this.settle();
  }

  /** look asks again which lines are in view. */
  look(): void {
    for (const element of [this.earlier, ...this.unread]) this.lookAt(element);
  }

  private lookAt(element: Element): void {
    this.inView.unobserve(element);
    this.inView.observe(element);
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
      h(
        'div',
        { class: 'acts choices' },
        ...(said.choices ?? []).map((text) =>
          h('button', { type: 'button', click: (event) => this.choose(event, text) }, text),
        ),
      ),
    );
  }

  private choose({ currentTarget }: Event, text: string): void {
    (currentTarget as Element).parentElement!.remove(); // pressed twice it is said once
    this.acts.say(text);
  }

  private bubble(said: Said): HTMLElement {
    if (said.deleted) return h('div', { class: 'bubble tombstone' }, this.words.say('removed'));
    const text = said.html ? safe(said.html) : said.text ? [h('div', { class: 'plain' }, said.text)] : [];
    const files = (said.files ?? []).map((file) => this.file(file));
    return h(
      'div',
      { class: 'bubble', lang: said.language },
      !!text.length && h('div', { dir: 'auto' }, ...text),
      said.original &&
        h(
          'details',
          { class: 'meta' },
          h('summary', {}, this.words.say('translated', this.words.language(said.translated_from ?? ''))),
          h('div', { class: 'plain', dir: 'auto', lang: said.translated_from }, said.original.text),
        ),
      ...files,
    );
  }

  private meta(said: Said, own: boolean): HTMLElement {
    const parts: (Node | string | false)[] = [
      h('time', { datetime: said.at }, this.words.time(said.at)),
      said.edited && !said.deleted && '· ' + this.words.say('edited'),
      own && h('span', { class: 'glyph' }),
    ];
    return h('div', { class: 'meta' }, ...parts);
  }

  private glyph(state: 'queued' | 'sent' | 'seen' | 'failed', spelled = false): Node[] {
    return [icon(ICON[state]), h('span', { class: spelled ? '' : 'hear' }, this.words.say(state))];
  }

  private line({ key, text, files, refused }: Line, stuck: boolean): HTMLElement {
    const { words, acts } = this;
    const bubble = h(
      'div',
      { class: 'bubble' },
      text && h('div', { class: 'plain', dir: 'auto' }, text),
      ...files.map(({ name }) => h('div', { class: 'file' }, icon(ICON.file), h('span', { dir: 'auto' }, name))),
    );
    const failed = refused !== undefined;
    const state = failed ? 'failed' : 'queued';
    const button = (word: Word, act: (key: string) => void) =>
      h('button', { type: 'button', click: () => act(key) }, words.say(word));
    return h(
      'div',
      { class: `row own ${state}${stuck ? ' stuck' : ''}`, 'data-key': key },
      bubble,
      h(
        'div',
        { class: 'meta', role: failed && 'alert' },
        ...this.glyph(state, stuck),
        failed && h('span', { dir: 'auto' }, refused),
      ),
      (failed || stuck) && h('div', { class: 'acts' }, button('retry', acts.retry), button('remove', acts.remove)),
    );
  }

  private file(file: File): HTMLElement {
    const fetched = async (query = '') =>
      URL.createObjectURL(await (await this.api.call('files/' + encodeURIComponent(file.id) + query)).blob());
    const save = async () => {
      const href = await fetched();
      h('a', { href, download: file.name }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    };
    if (/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) {
      const large = file.size > 2e5 || Math.max(file.width ?? 0, file.height ?? 0) > 960;
      const image = h('img', { alt: file.name, width: file.width?.toString(), height: file.height?.toString() });
      const link = h('a', { download: file.name, 'aria-label': this.words.say('download', file.name) }, image);
      image.addEventListener('load', () => this.settle());
      const draw = (address: string) => (link.href = image.src = address);
      const small = async () => {
        draw(await fetched('?size=thumbnail'));
        // The whole is fetched only for whoever asks for it.
        link.addEventListener('click', (event) => {
          event.preventDefault();
          save().catch(() => {});
        });
      };
      (large ? small() : fetched().then(draw)).catch(() => link.replaceWith(this.saver(file, save)));
      return link;
    }
    return this.saver(file, save);
  }

  private saver(file: File, save: () => Promise<void>): HTMLElement {
    const label = this.words.say('download', file.name);
    return h(
      'button',
      { type: 'button', class: 'file', 'aria-label': label, click: () => save().catch(() => {}) },
      icon(ICON.file),
      h('span', { dir: 'auto' }, file.name),
    );
  }

  private later(): void {
    if (this.due) return;
    this.due = true;
    // Once for all entries that came together.
    queueMicrotask(() => this.flush());
  }

  private flush(): void {
    this.due = false;
    for (const row of this.stale) if (row.isConnected) this.group(row as HTMLElement);
    this.stale.clear();
    this.deliveries();
    this.settle();
  }

  // Days, names and times are shown once for the lines that stand together.
  private group(row: HTMLElement): void {
    const [before, said, next] = [row.previousElementSibling, row, row.nextElementSibling].map(
      (other) => other && this.log.said(number(other)),
    );
    if (!said) return;
    const hide = (name: string, hidden: boolean) => {
      const part = row.querySelector<HTMLElement>(':scope > .' + name);
      if (part) part.hidden = hidden;
    };
    const same = together(before, said);
    hide('day', sameDay(before, said));
    hide('name', same);
    hide('meta', together(said, next) && !said.edited);
    row.classList.toggle('first', !same);
  }

  private deliveries(): void {
    for (const row of this.unseen) {
      const was = number(row) <= this.log.answered;
      row.querySelector('.glyph')!.replaceChildren(...this.glyph(was ? 'seen' : 'sent'));
      if (was) this.unseen.delete(row);
    }
  }
}

function number(row: Element): number {
  return Number((row as HTMLElement).dataset.seq);
}

function sameDay(a: Said | null | undefined, b: Said): boolean {
  return !!a && new Date(a.at).toDateString() === new Date(b.at).toDateString();
}

function together(a: Said | null | undefined, b: Said | null | undefined): boolean {
  return (
    !!a &&
    !!b &&
    sameDay(a, b) &&
    a.by.kind === b.by.kind &&
    a.by.name === b.by.name &&
    Date.parse(b.at) - Date.parse(a.at) < TOGETHER
  );
}

// A pending row is drawn anew only when its line was refused or tried again.
function identity(row: HTMLElement): string {
  return row.dataset.key! + row.className;
}
