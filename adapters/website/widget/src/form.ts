// What a visitor is asked before the first line. Few are asked anything, so this is a script of its own.
import type { Ask, Problem } from './api';
import { h } from './dom';
import type { Word, Words } from './i18n';

declare const FORM_CSS: string;

/** What the visitor answered, by field; line is the first line where they were asked for it too. */
export type Answer = (answers: Record<string, string>, line: string) => Promise<void>;

/** The name of the field for the line itself. No field of a site has capital letters. */
const LINE = 'LINE';
const FILL: Record<string, string> = { name: 'name', email: 'email', phone: 'tel' };

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export class Form {
  readonly element = h('form', { id: 'skein-form', class: 'ask', submit: (event: SubmitEvent) => void this.submit(event) });
  private readonly trouble = h('p', { role: 'alert' });
  private readonly send = h('button', { class: 'go' });

  constructor(
    private readonly words: Words,
    private readonly onAnswer: Answer,
  ) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(FORM_CSS);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  /** ask shows the fields under text, and with line a place for the first line. What was filled in already stays. */
  ask(text: string, fields: Ask[], line: boolean): void {
    const { words } = this;
    const before = new Map(this.fields().map(({ name, value }) => [name, value]));
    const asks = line ? [...fields, { name: LINE, type: 'textarea', label: words.say('message'), required: true }] : fields;
    const rows = asks.map((ask) => {
      const field = this.field(ask);
      field.value = before.get(ask.name) ?? '';
      const own = ask.name in FILL ? words.say(ask.name as Word) : ask.name;
      const label = ask.label || own;
      return h('label', {}, h('span', { dir: 'auto' }, ask.required ? label : words.say('optional', label)), field);
    });
    this.send.textContent = words.say(line ? 'send' : 'start');
    this.element.replaceChildren(h('p', { class: 'hello', dir: 'auto' }, text), ...rows, this.trouble, this.send);
  }

  focus(): void {
    this.fields()[0]?.focus();
  }

  private field({ name, type, required, options }: Ask): Field {
    // Nothing written yet has the direction of the page.
    const input = ({ currentTarget }: Event) => {
      const field = currentTarget as Field;
      field.dir = field.value && 'auto';
    };
    const attributes = { name, required, input, autocomplete: FILL[name] };
    if (type === 'textarea') return h('textarea', { ...attributes, rows: '4', maxlength: '4000' });
    if (type !== 'select') return h('input', { ...attributes, type, maxlength: '200' });
    const choices = ['', ...(options ?? [])].map((value) => h('option', { value }, value));
    return h('select', attributes, ...choices);
  }

  private fields(): Field[] {
    return [...this.element.elements].filter((field) => field !== this.send) as Field[];
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const answers: Record<string, string> = {};
    let line = '';
    for (const { name, value } of this.fields()) {
      if (name === LINE) line = value.trim();
      else if (value.trim()) answers[name] = value.trim();
    }
    this.send.disabled = true;
    this.trouble.textContent = '';
    try {
      await this.onAnswer(answers, line);
    } catch (error) {
      this.trouble.textContent = (error as Partial<Problem>).detail ?? this.words.say('failed');
    }
    this.send.disabled = false;
  }
}
