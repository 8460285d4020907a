import type { Ask, Session } from './api';
import type { Answer, Form } from './form';
import type { Words } from './i18n';
import type { Store } from './store';

/** Where the store keeps that the visitor was asked. */
const ASKED = 'asked';

/** Reception receives a visitor who has not written yet: it says who is there and asks what the site wants to know. */
export class Reception {
  /** Whether the form is in the place of the conversation. */
  asking = false;
  private form?: Form;
  private settings: Session['settings'] = {};
  private online = true;
  private open = false; // the visitor may still be asked

  constructor(
    private readonly panel: HTMLElement,
    private readonly words: Words,
    private readonly store: Store,
    private readonly greet: (text: string) => void,
    private readonly onAnswer: Answer,
  ) {}

  /** receive takes what a session says; first: the visitor has not written yet. */
  receive({ settings, online }: Session, first: boolean): void {
    this.settings = settings;
    this.open = first && !this.store.get(ASKED);
    this.see(online);
  }

  /** see shows what is to be said and asked while somebody is there, or nobody. */
  see(online: boolean): void {
    this.online = online;
    const { greeting, away, form, offline } = this.settings;
    const hello = greeting || this.words.say('hello');
    this.greet(online ? hello : away || hello);
    const asks = !this.open ? undefined : online ? form : (offline ?? form);
    if (!asks?.length) return this.show(false);
    void this.ask(online ? hello : away || this.words.say(offline ? 'leave' : 'hello'), asks, !online && !!offline);
  }

  /** close is called when the visitor has written, here or elsewhere. */
  close(): void {
    this.open = false;
    this.show(false);
  }

  focus(): void {
    this.form?.focus();
  }

  private async ask(text: string, asks: Ask[], line: boolean): Promise<void> {
    try {
      if (!this.form) {
        const address = new URL(document.documentElement.dataset.form!, import.meta.url).href;
        const module: typeof import('./form') = await import(address);
        this.form ??= new module.Form(this.words, (answers, first) => this.answered(answers, first));
      }
    } catch {
      return; // better a visitor who was asked nothing than one who cannot write
    }
    if (!this.open || (line && this.online)) return;
    this.form.ask(text, asks, line);
    this.show(true);
  }

  private async answered(answers: Record<string, string>, line: string): Promise<void> {
    await this.onAnswer(answers, line);
    this.store.set(ASKED, '1');
    this.close();
    if (line) this.greet(this.words.say('received'));
  }

  private show(asking: boolean): void {
    if (this.asking === asking) return;
    this.asking = asking;
    if (asking) this.panel.querySelector('#skein-log')!.before(this.form!.element);
    else this.form!.element.remove();
    this.panel.classList.toggle('asking', asking);
    this.panel.dispatchEvent(new Event('asking'));
  }
}
