// What an app shows beside its messages: its home, and the form that a person has open.
import { blocks } from './blocks.js';
import { h, keepFocus } from './dom.js';
import { begin, modal } from './modal.js';

/** Front is that of one client. act(fields) does an act as the person who looks on; shown() shows the client again. */
export class Front {
  isHome = false;
  #platform;
  #context;
  #veil;
  #form = '';
  #begun = false; // whether the form has had the focus
  #giveBack; // gives the focus back to what had it before
  #homes = false;
  #shown = '';

  constructor(platform, context) {
    this.#platform = platform;
    this.#context = context;
    this.page = h('div', { class: 'list text' });
    this.home = h('section', { class: 'pane home', 'aria-label': 'Home of Skein', hidden: true }, h('header', {}, h('h3', {}, 'Skein')), this.page);
  }

  /** entry is the line of the side that opens the home, where the platform has one. */
  entry() {
    if (!this.#platform.home) return [];
    return [{ key: 'home', signature: String(this.isHome), make: () => h('button', { type: 'button', class: 'apps', 'aria-current': this.isHome && 'true', onclick: () => this.#enter() }, h('span', { class: 'hash', 'aria-hidden': 'true' }, '◇'), 'Skein', h('small', {}, ' app')) }];
  }

  #enter() {
    this.isHome = true;
    this.#context.act({ do: 'open' });
    this.#context.shown();
  }

  leave() {
    this.isHome = false;
  }

  /** show takes over another state, as one person sees it. */
  show({ homes, forms }, as, people) {
    const home = homes?.find(({ only }) => only === as);
    this.home.hidden = !this.isHome;
    this.home.parentElement?.classList.toggle('at-home', this.isHome);
    const shown = JSON.stringify([home, as]);
    if (this.isHome && shown !== this.#shown) {
      this.#shown = shown;
      if (home) this.page.replaceChildren(...blocks(home.blocks, people, (id, choice, block) => this.#context.act({ do: 'press', target: home.id, value: `${block}|${id}`, text: choice })));
      else this.page.replaceChildren(h('p', { class: 'empty' }, 'The four lists appear here in a moment.'));
    }
    if (this.isHome && !home && !this.#homes) this.#context.act({ do: 'open' });
    this.#homes = this.isHome && !home;
    this.#showForm(forms?.find(({ only }) => only === as), people);
  }

  #showForm(form, people) {
    const signature = form ? JSON.stringify(form) : '';
    if (signature === this.#form) return;
    this.#form = signature;
    const giveBack = this.#veil ? this.#giveBack : keepFocus();
    this.#veil?.remove();
    this.#veil = undefined;
    if (!form) {
      requestAnimationFrame(giveBack);
      return;
    }
    this.#giveBack = giveBack;
    this.#begun = false;
    const target = form.id;
    const act = async (fields) => (await this.#context.act({ target, ...fields })).problem;
    this.#veil = modal(form, {
      texts: () => this.#platform.texts(form, people, (id, choice, block) => act({ do: 'press', value: `${block}|${id}`, text: choice })),
      send: (values) => act({ do: 'submit', value: JSON.stringify(values) }),
      close: () => act({ do: 'dismiss' }),
      suggest: async (field, text) => (await this.#context.act({ do: 'suggest', target, value: field, text })).options ?? [],
    });
  }

  /** over puts the form over the client, if there is one, and reports whether there is. */
  over(client) {
    if (!this.#veil) return false;
    if (this.#veil.parentElement !== client) client.append(this.#veil);
    if (!this.#begun && this.#veil.checkVisibility()) {
      this.#begun = true;
      begin(this.#veil);
    }
    return true;
  }
}
