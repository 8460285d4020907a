import type { Api, File as Stored, Problem } from './api';
import { ICON, h, icon } from './dom';
import type { Words } from './i18n';
import type { Store } from './store';

/** How many files one line may carry. */
const MOST = 10;
const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;
/** Where the store keeps what was uploaded and not sent. */
const KEPT = 'files';

interface Item {
  stored?: Stored; // once it is uploaded
  stop?: AbortController;
}

/** Attachments are the files of the line that is being written. Each is uploaded at once, so that sending waits for nothing. */
export class Attachments {
  /** The largest file the server takes, in bytes. */
  largest = Infinity;
  private readonly items = new Set<Item>();

  constructor(
    private readonly shelf: HTMLElement,
    private readonly words: Words,
    private readonly api: Api,
    private readonly store: Store,
    private readonly onChange: () => void,
  ) {
    for (const stored of JSON.parse(store.get(KEPT) ?? '[]') as Stored[]) this.restore(stored);
  }

  get count(): number {
    return this.items.size;
  }

  /** busy tells whether something is still being uploaded. */
  get busy(): boolean {
    return [...this.items].some(({ stored }) => !stored);
  }

  /** take returns the files and forgets them. */
  take(): Stored[] {
    const files = [...this.items].map(({ stored }) => stored!);
    this.items.clear();
    this.shelf.replaceChildren();
    this.changed();
    return files;
  }

  add(file: File): void {
    const picture = PICTURE.test(file.type) ? Promise.resolve(file) : undefined;
    const item: Item = {};
    const chip = this.chip(file.name, item, picture);
    if (file.size > this.largest) return this.refuse(chip, this.tooLarge());
    if (this.items.size >= MOST) return this.refuse(chip, this.words.say('many', MOST));
    void this.upload(file, item, chip);
  }

  private restore(stored: Stored): void {
    const small = () => this.api.call(`files/${encodeURIComponent(stored.id)}?size=thumbnail`);
    const picture = PICTURE.test(stored.type) ? small().then((answer) => answer.blob()) : undefined;
    const item = { stored };
    this.chip(stored.name, item, picture);
    this.items.add(item);
    this.onChange();
  }

  private chip(name: string, item: Item, picture?: Promise<Blob>): HTMLElement {
    const remove = h(
      'button',
      { type: 'button', class: 'icon', 'aria-label': `${this.words.say('remove')}: ${name}` },
      icon(ICON.close),
    );
    const sign = h('span', { class: 'sign' }, icon(ICON.file));
    const chip = h('div', { class: 'chip' }, sign, h('div', {}, h('p', {}, h('bdi', {}, name))), remove);
    remove.addEventListener('click', () => {
      item.stop?.abort();
      this.items.delete(item);
      const next = (chip.nextElementSibling ?? chip.previousElementSibling)?.querySelector<HTMLElement>('.icon');
      chip.remove();
      this.changed();
      (next ?? this.shelf.parentElement!.querySelector('textarea'))?.focus();
    });
    picture?.then((blob) => {
      const image = h('img', { alt: '', src: URL.createObjectURL(blob) });
      const loaded = () => URL.revokeObjectURL(image.src);
      image.onload = loaded;
      image.onerror = () => image.replaceWith(icon(ICON.file));
      sign.replaceChildren(image);
    }, Object);
    this.shelf.append(chip);
    return chip;
  }

  private async upload(file: File, item: Item, chip: HTMLElement): Promise<void> {
    const bar = h('progress', { max: '1', value: '0', 'aria-label': file.name });
    const stop = (item.stop = new AbortController());
    this.items.add(item);
    this.say(chip, bar);
    this.onChange();
    try {
      const body = new FormData();
      body.append('file', file);
      const send = sender((share) => (bar.value = share));
      const answer = await this.api.call('files', { method: 'POST', body, signal: stop.signal }, send);
      item.stored = await answer.json();
      bar.remove();
    } catch (error) {
      this.items.delete(item);
      if (!stop.signal.aborted) {
        const { code, detail, final } = error as Partial<Problem>;
        const known =
          code === 'file_type'
            ? this.words.say('kind')
            : code === 'file_too_large'
              ? this.tooLarge()
              : detail;
        this.refuse(chip, known ?? this.words.say('failed'), final ? undefined : () => this.upload(file, item, chip));
      }
    }
    this.changed();
  }

  private tooLarge(): string {
    const size = new Intl.NumberFormat(this.words.locale, { style: 'unit', unit: 'megabyte' });
    return this.words.say('large', size.format(Math.floor(this.largest / 1048576)));
  }

  private refuse(chip: HTMLElement, reason: string, again?: () => void): void {
    chip.classList.add('bad');
    const retry = () => {
      chip.classList.remove('bad');
      again!();
    };
    this.say(
      chip,
      h('p', { role: 'alert' }, h('bdi', {}, reason)),
      again && h('button', { type: 'button', click: retry }, this.words.say('retry')),
    );
  }

  // say shows something below the file's name, in place of what was there.
  private say(chip: HTMLElement, ...parts: (HTMLElement | undefined)[]): void {
    const body = chip.children[1];
    body.replaceChildren(body.children[0], ...parts.filter((part) => part !== undefined));
  }

  private changed(): void {
    const kept = [...this.items].flatMap(({ stored }) => stored ?? []);
    if (kept.length) this.store.set(KEPT, JSON.stringify(kept));
    else this.store.remove(KEPT);
    this.onChange();
  }
}

// sender is fetch that tells how much is on its way, which fetch itself cannot tell.
function sender(progress: (share: number) => void): typeof fetch {
  return (url, init) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(init!.method!, url as string);
      new Headers(init!.headers).forEach((value, name) => request.setRequestHeader(name, value));
      request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
      request.onload = () => {
        const headers = { 'Retry-After': request.getResponseHeader('Retry-After') ?? '' };
        resolve(new Response(request.response, { status: request.status, headers }));
      };
      request.onerror = request.onabort = reject;
      init!.signal!.addEventListener('abort', () => request.abort());
      request.send(init!.body as FormData);
    });
}
