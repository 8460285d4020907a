import type { Api, File as Stored } from './api';
import type { Attachments } from './attach';
import { ICON, h, icon } from './dom';
import type { Emoji } from './emoji';
import type { Words } from './i18n';
import { more } from './later';
import type { Store } from './store';

/** How near to the longest line the counter appears, in characters. */
const NEAR = 200;
/** How often others are told that the visitor is writing. */
const TYPING = 4_000;

/** Composer is where the visitor writes: a line, its files, and the button that sends them. */
export class Composer {
  readonly element: HTMLFormElement;
  /** The longest line the server takes, in characters. */
  limit = 4000;
  /** The largest file the server takes, in bytes. */
  largest = Infinity;
  private readonly input: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly count: HTMLElement;
  private readonly chips: HTMLElement;
  private readonly smile: HTMLElement;
  private attachments?: Attachments;
  private emoji?: Emoji;
  private told = 0;

  constructor(
    private readonly words: Words,
    private readonly api: Api,
    private readonly store: Store,
    private readonly onSend: (text: string, files: Stored[]) => void,
  ) {
    const label = words.say('write');
    this.input = h('textarea', {
      id: 'skein-input',
      rows: '1',
      placeholder: label,
      'aria-label': label,
      enterkeyhint: 'send',
    });
    this.button = h(
      'button',
      { id: 'skein-send', class: 'icon', disabled: true, 'aria-label': words.say('send') },
      icon(ICON.send),
    );
    this.count = h('div', { id: 'skein-count', 'aria-live': 'polite', hidden: true });
    this.chips = h('div', { id: 'skein-files' });
    // Without a list of types a telephone offers its camera beside its pictures and files.
    const picker = h('input', { type: 'file', multiple: true, hidden: true, id: 'skein-file' });
    const clip = h(
      'button',
      {
        type: 'button',
        class: 'icon',
        id: 'skein-attach',
        'aria-label': words.say('attach'),
        click: () => picker.click(),
      },
      icon(ICON.clip),
    );
    picker.addEventListener('change', () => {
      this.attach(picker.files);
      picker.value = '';
    });
    this.smile = h(
      'button',
      {
        type: 'button',
        class: 'icon',
        id: 'skein-emoji',
        'aria-label': words.say('emoji'),
        'aria-expanded': 'false',
        click: () => void this.pick(),
      },
      icon(ICON.emoji),
    );
    const line = h('div', { class: 'line' }, clip, picker, this.input, this.smile, this.button);
    this.element = h('form', { submit: (event: SubmitEvent) => this.submit(event) }, this.chips, this.count, line);
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.picking) return;
      event.stopPropagation(); // the panel stays
      void this.pick();
      this.smile.focus();
    });
    this.input.value = store.get('draft') ?? '';
    this.input.addEventListener('input', () => this.changed());
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      this.submit(event);
    });
    this.input.addEventListener('paste', ({ clipboardData }) => {
      // Programs put a picture of the words beside them; the words are meant.
      if (!clipboardData?.types.includes('text/plain')) this.attach(clipboardData?.files);
    });
    requestAnimationFrame(() => this.fit());
    if (store.get('files')) void this.shelve([]);
  }

  focus(): void {
    this.input.focus();
  }

  /** attach uploads files at once, so that sending the line has nothing to wait for. */
  attach(given?: Iterable<File> | null): void {
    const files = [...(given ?? [])]; // the browser may take its list back
    if (files.length) void this.shelve(files);
  }

  private async shelve(files: File[]): Promise<void> {
    const { words, api, store, chips } = this;
    try {
      const { Attachments } = await more();
      this.attachments ??= new Attachments(chips, words, api, store, () => this.fit());
      this.attachments.largest = this.largest;
      for (const file of files) this.attachments.add(file);
    } catch {
      chips.replaceChildren(h('p', { role: 'alert' }, words.say('failed')));
    }
    this.fit();
  }

  private get picking(): boolean {
    return !!this.emoji?.element.isConnected;
  }

  private async pick(): Promise<void> {
    const { Emoji } = await more();
    this.emoji ??= new Emoji(this.words.say('emoji'), (emoji) => {
      const { selectionStart, selectionEnd } = this.input;
      this.input.setRangeText(emoji, selectionStart, selectionEnd, 'end');
      this.changed();
      void this.pick();
      this.input.focus();
    });
    const open = !this.picking;
    if (open) this.element.prepend(this.emoji.element);
    else this.emoji.element.remove();
    this.smile.setAttribute('aria-expanded', String(open));
    if (open) this.emoji.focus();
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.button.disabled) return;
    this.onSend(this.input.value.trim(), this.attachments?.take() ?? []);
    this.input.value = '';
    this.chips.replaceChildren();
    this.store.remove('draft');
    this.told = 0;
    this.fit();
    this.input.focus();
  }

  private changed(): void {
    this.fit();
    this.store.set('draft', this.input.value);
    if (!this.input.value.trim() || !this.api.token || Date.now() - this.told < TYPING) return;
    this.told = Date.now();
    this.api.post('typing', {}).catch(() => {});
  }

  // The height follows the text, the counter appears near the end, the button waits for something to send.
  private fit(): void {
    this.input.dir = this.input.value ? 'auto' : this.words.direction;
    this.input.style.height = 'auto';
    this.input.style.height = Math.max(44, this.input.scrollHeight) + 'px';
    const length = [...this.input.value.trim()].length;
    const left = this.limit - length;
    this.count.hidden = left > NEAR;
    this.count.textContent = this.count.hidden ? '' : this.words.say('left', left);
    this.count.classList.toggle('over', left < 0);
    const { busy = false, count = 0 } = this.attachments ?? {};
    this.button.disabled = left < 0 || busy || (!length && !count);
  }
}
