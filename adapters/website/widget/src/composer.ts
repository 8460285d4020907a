import { Api, Problem } from './api';
import type { File as Stored } from './api';
import { ICON, h, icon } from './dom';
import type { Words } from './i18n';
import type { Store } from './store';

/** How near to the longest line the counter appears, in characters. */
const NEAR = 200;
/** How often others are told that the visitor is writing. */
const TYPING = 4_000;

interface Attachment {
  chip: HTMLElement;
  stored?: Stored;
}

/** Composer is where the visitor writes: a line, its files, and the button that sends them. */
export class Composer {
  readonly element: HTMLFormElement;
  /** The longest line the server takes, in characters. */
  limit = 4000;
  private readonly input: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly count: HTMLElement;
  private readonly chips: HTMLElement;
  private readonly attachments = new Set<Attachment>();
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
    const line = h('div', { class: 'line' }, clip, picker, this.input, this.button);
    this.element = h('form', { submit: (event: SubmitEvent) => this.submit(event) }, this.chips, this.count, line);
    this.input.value = store.get('draft') ?? '';
    this.input.addEventListener('input', () => this.changed());
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      this.submit(event);
    });
    this.input.addEventListener('paste', ({ clipboardData }) => this.attach(clipboardData?.files));
    requestAnimationFrame(() => this.fit());
  }

  focus(): void {
    this.input.focus();
  }

  /** attach uploads files at once, so that sending the line has nothing to wait for. */
  attach(files?: FileList | null): void {
    for (const file of files ?? []) this.upload(file);
  }

  private async upload(file: File): Promise<void> {
    const state = h('span', { class: 'hear', role: 'status' });
    const name = h('span', { dir: 'auto' }, file.name);
    const remove = h(
      'button',
      { type: 'button', class: 'icon', 'aria-label': `${this.words.say('remove')}: ${file.name}` },
      icon(ICON.close),
    );
    const chip = h('div', { class: 'chip', 'aria-busy': 'true' }, name, state, remove);
    const attachment: Attachment = { chip };
    remove.addEventListener('click', () => {
      this.attachments.delete(attachment);
      chip.remove();
      this.fit();
    });
    this.attachments.add(attachment);
    this.chips.append(chip);
    this.fit();
    try {
      const body = new FormData();
      body.append('file', file);
      attachment.stored = await (await this.api.call('files', { method: 'POST', body })).json();
    } catch (error) {
      chip.classList.add('bad');
      name.textContent = `${file.name} · ${error instanceof Problem ? error.detail : this.words.say('failed')}`;
      state.textContent = name.textContent;
      this.attachments.delete(attachment);
    }
    chip.removeAttribute('aria-busy');
    this.fit();
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.button.disabled) return;
    const files = [...this.attachments].map(({ stored }) => stored!);
    this.onSend(this.input.value.trim(), files);
    this.input.value = '';
    this.attachments.clear();
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
    const uploading = [...this.attachments].some(({ stored }) => !stored);
    this.button.disabled = left < 0 || uploading || (!length && !this.attachments.size);
  }
}
