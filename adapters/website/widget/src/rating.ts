import type { Api, Problem } from './api';
import { h } from './dom';
import type { Words } from './i18n';
import { newKey } from './queue';
import { Store } from './store';

/** The longest comment the server takes, in characters. */
const LIMIT = '1000';
/** The newest closing answered for, by conversation. Neither names anybody, so it outlasts signing out. */
const answered = new Store('skein-rated:');

/** Rating asks once, after a conversation was closed, how it went. */
export class Rating {
  readonly element = h('div', { class: 'rate', role: 'group', tabindex: '-1', hidden: true });
  private about = ''; // the conversation and closing that the element is for

  constructor(
    private readonly words: Words,
    private readonly api: Api,
    place: HTMLElement,
    private readonly onGrow: () => void,
  ) {
    place.append(this.element);
    answered.onChange((conversation) => this.about.startsWith(conversation + ':') && this.hide());
  }

  /** ask shows the question for the closing at seq until it is answered. With seq 0 there is nothing to ask about. */
  ask(conversation: string, seq: number): void {
    const about = conversation + ':' + seq;
    if (about === this.about) return;
    this.about = about;
    if (seq > Number(answered.get(conversation))) this.draw(conversation, seq);
    else this.hide();
  }

  private hide(): void {
    this.element.hidden = true;
  }

  private draw(conversation: string, seq: number): void {
    const { words, element } = this;
    const key = newKey();
    let score = 0;
    const done = () => answered.set(conversation, String(seq));
    const ends = [words.say('poor'), words.say('great')];
    const scores = [1, 2, 3, 4, 5].map((value) => {
      const end = value === 1 ? ', ' + ends[0] : value === 5 ? ', ' + ends[1] : '';
      const choose = () => {
        score = value;
        for (const button of scores) button.setAttribute('aria-pressed', String(button === scores[value - 1]));
        comment.hidden = send.disabled = false;
        this.onGrow();
      };
      const label = words.say('score', value) + end;
      return h(
        'button',
        { type: 'button', 'aria-pressed': 'false', 'aria-label': label, click: choose },
        String(value),
      );
    });
    const add = words.say('comment');
    const comment = h('textarea', {
      maxlength: LIMIT,
      rows: '2',
      placeholder: add,
      'aria-label': add,
      dir: 'auto',
      hidden: true,
    });
    const trouble = h('p', { role: 'alert' });
    const post = async () => {
      send.disabled = true;
      try {
        await this.api.post('rating', { score, comment: comment.value.trim() }, { 'Idempotency-Key': key });
        done();
        element.replaceChildren(words.say('thanks'));
        element.focus();
      } catch (error) {
        trouble.textContent = (error as Partial<Problem>).detail ?? words.say('failed');
        send.disabled = false;
      }
      this.onGrow();
    };
    const decline = () => {
      done();
      this.hide();
    };
    const send = h('button', { type: 'button', disabled: true, click: post }, words.say('send'));
    const question = words.say('rate');
    element.setAttribute('aria-label', question);
    element.replaceChildren(
      h('p', {}, question),
      h('div', { class: 'scores' }, ...scores),
      h('div', { class: 'ends', 'aria-hidden': 'true' }, ...ends.map((end) => h('span', {}, end))),
      comment,
      trouble,
      h('div', { class: 'acts' }, send, h('button', { type: 'button', click: decline }, words.say('later'))),
    );
    element.hidden = false;
  }
}
