// The client of one platform: its channels, one channel, one thread; or one person's chat.
import { composer } from './composer.js';
import { h, icon, icons, keyed } from './dom.js';
import { Front } from './front.js';
import { message } from './message.js';
import { platforms } from './platforms.js';

const groupWithin = 5 * 60_000; // messages of one person this close together share a head

/** Client shows one platform. post(fields, file) does an act and resolves to {problem, options}. */
export class Client {
  /** unseen counts threads with messages that have not been looked at; onunseen is told when it changes. */
  unseen = 0;
  #state;
  #post;
  #onunseen;
  #as;
  #channel;
  #thread = ''; // id of the open one
  #editing = '';
  #platform;
  #known = new Map(); // messages seen, by place: id of the newest
  #arrived = new Set(); // messages that came while we looked on
  #pinned = false; // whether the channel shows only what is pinned
  #front; // the app's home and forms
  #waiting = true; // whether the next new thread is to be opened

  constructor(state, post, onunseen) {
    this.#post = post;
    this.#onunseen = onunseen;
    this.#platform = platforms[state.name];
    this.title = this.#platform.title;
    this.#as = state.people[0].id;
    this.#channel = state.places[0].id;
    this.#build(state);
    for (const place of state.places) this.#known.set(place.id, newest(place));
    const latest = state.places.findLast((place) => place.kind === 'thread');
    if (latest) this.#open(latest.id);
    this.update(state);
  }

  /** update shows another state. */
  update(state) {
    this.#state = state;
    this.#notice();
    this.#show();
  }

  #place = (id) => this.#state.places.find((place) => place.id === id);
  #isSeen = (place) => (this.#known.get(place.id) ?? '') >= newest(place);
  #unseen = () => this.#state.places.filter((place) => place.kind !== 'channel' && !this.#isSeen(place)).length;

  // notice finds what is new: it opens a new thread when none is open, and counts what is not looked at.
  #notice() {
    for (const place of this.#state.places) {
      const before = this.#known.get(place.id);
      for (const m of place.messages) if (order(m) > (before ?? '')) this.#arrived.add(m.id);
      if (before !== undefined || place.kind !== 'thread') continue;
      this.#known.set(place.id, '');
      if (!this.#thread && this.#waiting) this.#open(place.id);
    }
    const looking = !this.element.closest('main') || this.element.offsetParent !== null;
    for (const id of [this.#channel, this.#thread]) {
      const place = id && this.#place(id);
      if (place && looking) this.#known.set(id, newest(place));
    }
    const unseen = this.#unseen();
    if (unseen !== this.unseen) {
      this.unseen = unseen;
      this.#onunseen();
    }
  }

  #open(id) {
    const place = this.#state?.places.find((p) => p.id === id);
    this.#thread = id;
    this.#front?.leave();
    if (place) this.#channel = place.parent;
    this.#editing = '';
  }

  /** openThread shows a thread and puts the cursor into its composer. */
  openThread(id) {
    this.#open(id);
    this.update(this.#state);
    this.thread.composer.focus();
  }

  /** appear is called when the client has come into view. */
  appear() {
    this.update(this.#state);
    for (const { list } of [this.channel, this.thread]) list.scrollTop = list.scrollHeight;
  }

  closeThread() {
    const root = this.#thread;
    this.#thread = '';
    this.update(this.#state);
    this.channel.list.querySelector(`[data-message="${CSS.escape(root)}"] .replies`)?.focus();
  }

  #build(state) {
    this.side = h('div', {});
    this.channel = this.#pane('channel');
    this.thread = this.#pane('thread');
    this.back = h('button', { type: 'button', class: 'back', 'aria-label': 'Close the thread', onclick: () => this.closeThread() });
    this.thread.head.prepend(this.back);
    this.who = h(
      'fieldset',
      { class: 'as', onchange: (event) => this.#become(event.target.value) },
      h('legend', {}, 'Write as'),
      state.people.map((person, i) =>
        h('label', { title: state.name !== 'telegram' && !person.team && 'Not in the team' }, h('input', { type: 'radio', class: 'hear', name: 'as-' + state.name, value: person.id, checked: i === 0 }), h('img', { src: person.avatar, alt: '' }), person.name.split(' ')[0]),
      ),
    );
    this.columns = h('div', { class: 'columns' }, h('nav', { class: 'side', 'aria-label': 'Channels' }, this.side), this.channel.element, this.thread.element);
    this.#front = new Front(this.#platform, {
      act: (fields) => this.#post({ as: this.#as, ...fields }),
      shown: () => this.#show(),
    });
    this.columns.append(this.#front.home);
    this.pins = h('button', { type: 'button', class: 'icon', 'aria-label': 'Pinned messages', title: 'Pinned messages', onclick: () => ((this.#pinned = !this.#pinned), this.#show()) }, icon(icons.pin));
    this.channel.head.append(this.pins);
    this.element = h('div', { class: 'client', onclick: (event) => this.#follows(event) }, this.columns);
  }

  /** has reports whether this client shows a thread. */
  has = (id) => this.#place(id)?.kind === 'thread';

  // follows says which thread a link leads to; it is not the platform's own site that opens.
  #follows(event) {
    const { href } = event.target.closest('a') ?? {};
    const [, second, micro, discord] = /\/archives\/\w+\/p(\d{10})(\d{6})|\/channels\/[^/]+\/(?:\d+\/)*(\d+)$/.exec(href ?? '') ?? [];
    const thread = second ? `${second}.${micro}` : discord;
    if (!thread) return;
    event.preventDefault();
    event.target.dispatchEvent(new CustomEvent('follow', { bubbles: true, detail: thread }));
  }

  #become(person) {
    this.#as = person;
    this.#editing = '';
    const chat = this.#place(this.#state.people.find((p) => p.id === person).ref);
    if (chat) this.#channel = chat.id;
    this.update(this.#state);
  }

  #pane(kind) {
    const title = h('h3', {});
    const list = h('div', { class: 'list', role: 'log', tabindex: 0, 'aria-live': 'polite', onkeydown: (event) => walk(event, list) });
    list.addEventListener('load', () => this.#follow(kind === 'thread' ? this.thread : this.channel), true); // pictures make it longer
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const complain = (text) => {
      problem.textContent = text ?? '';
      problem.hidden = !text;
      return !text;
    };
    const post = (fields, file) => this.#post({ place: this.#channel, as: this.#as, ...(kind === 'thread' && { thread: this.#thread }), ...fields }, file);
    const act = async (fields, file) => complain((await post(fields, file)).problem);
    const form = composer({
      label: 'Write',
      say: (text, target) => act({ do: 'say', text, target }),
      order: (text, options) => act({ do: 'command', text, ...(options && { value: JSON.stringify(options) }) }),
      commands: () => (this.#platform.commands.includes(kind) ? (this.#state.commands ?? []) : undefined),
      suggest: async (text, option) => (await post({ do: 'suggest', text, value: option })).options ?? [],
      upload: (file) => act({ do: 'upload', value: file.name }, file),
      complain,
    });
    const head = h('header', {}, title);
    const element = h('section', { class: `pane ${kind}`, 'aria-label': kind === 'thread' ? 'Thread' : 'Channel' }, head, list, problem, form.form);
    return { element, head, title, list, composer: form, act, complain };
  }

  #show() {
    this.#showSide();
    this.#showPane(this.channel, this.#place(this.#channel), false);
    const thread = this.#thread && (this.#place(this.#thread) ?? this.#begun(this.#thread));
    this.thread.element.hidden = !thread;
    if (thread) this.#showPane(this.thread, thread, true);
    this.columns.classList.toggle('alone', !thread || this.#front.isHome);
    this.#front.show(this.#state, this.#as, this.#people());
    this.columns.inert = this.#front.over(this.element);
  }

  // begun is a thread in which nobody has answered yet.
  #begun(id) {
    const channel = this.#place(this.#channel);
    const root = channel?.messages.find((m) => m.id === id);
    return root && { id, kind: 'thread', parent: channel.id, messages: [root] };
  }

  #showSide() {
    const channels = this.#state.places.filter((place) => place.kind === 'channel');
    keyed(
      this.side,
      channels.map((place) => {
        const waiting = this.#state.places.filter((p) => p.parent === place.id && !this.#isSeen(p)).length;
        const current = place.id === this.#channel && !this.#front.isHome;
        return {
          key: place.id,
          signature: `${place.name} ${waiting} ${current}`,
          make: () =>
            h(
              'button',
              { type: 'button', 'aria-current': current && 'true', onclick: () => this.#enter(place.id) },
              h('span', { class: 'hash', 'aria-hidden': 'true' }, '#'),
              place.name,
              waiting > 0 && h('span', { class: 'count' }, String(waiting), h('span', { class: 'hear' }, ' threads with new messages')),
            ),
        };
      }).concat(this.#front.entry()),
    );
  }

  #enter(channel) {
    this.#front.leave();
    this.#pinned = false;
    this.#channel = channel;
    if (this.#thread && this.#place(this.#thread)?.parent !== channel) this.#thread = '';
    this.update(this.#state);
  }

  #showPane(pane, place, isThread) {
    const person = this.#state.people.find((p) => p.id === this.#as);
    if (isThread) this.#showBack(place);
    pane.title.textContent = { thread: 'Thread', channel: `# ${place.name}`, chat: place.name }[place.kind];
    pane.composer.describe(...this.#purpose(place, person));
    if (pane.shown !== place.id) {
      pane.list.replaceChildren();
      pane.complain('');
      pane.composer.answer();
    }
    if (!isThread) {
      this.pins.hidden = !place.messages.some((m) => m.pinned && !m.deleted);
      this.#pinned &&= !this.pins.hidden;
      this.pins.setAttribute('aria-pressed', String(this.#pinned));
      if (this.#pinned) pane.title.textContent = 'Pinned';
    }
    const atEnd = pane.shown !== place.id || pane.list.scrollHeight - pane.list.scrollTop - pane.list.clientHeight < 48;
    pane.shown = place.id;
    keyed(pane.list, this.#items(pane, place, isThread));
    if (!pane.list.childElementCount) pane.list.append(this.#empty(place));
    if (atEnd) pane.list.scrollTop = pane.list.scrollHeight;
  }

  #follow({ list }) {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < 320) list.scrollTop = list.scrollHeight;
  }

  // showBack names the channel behind a thread, and counts what is new there.
  #showBack(thread) {
    const others = this.#unseen();
    this.back.replaceChildren(
      icon(icons.back),
      `# ${this.#place(thread.parent).name}`,
      ...(others ? [h('span', { class: 'count' }, String(others), h('span', { class: 'hear' }, ' threads with new messages'))] : []),
    );
  }

  // purpose is what a field is for, and what is hinted beneath it.
  #purpose(place, person) {
    if (place.kind === 'chat') return ['Message', ''];
    const outside = person.team ? '' : `${person.name.split(' ')[0]} is not in the team`;
    if (place.kind === 'channel') return [`Write in # ${place.name}`, outside];
    return ['Reply in the thread', outside || '//words stay between colleagues'];
  }

  #empty(place) {
    if (place.kind === 'chat') {
      const begin = h('button', { type: 'button', class: 'act primary', onclick: () => this.channel.act({ do: 'command', text: '/start' }) }, 'Start');
      return h('p', { class: 'empty', 'data-key': 'empty' }, h('b', {}, `${place.name} answers here`), 'Write, or press Start as a customer would.', begin);
    }
    if (place.id !== this.#state.places[0].id) return h('p', { class: 'empty', 'data-key': 'empty' }, h('b', {}, 'Nothing here yet'), 'What colleagues write here, those in the other client read in theirs. Visitors never do.');
    return h('p', { class: 'empty', 'data-key': 'empty' }, h('b', {}, 'No conversations yet'), 'Each visitor gets a thread here. Write something in the shop or in Telegram and the first one opens.');
  }

  #items(pane, place, isThread) {
    const people = this.#people();
    // What a person took back leaves a mark here; what the app removes was never meant to stay.
    // Discord and Telegram show nothing in any case.
    const leaves = this.#state.name === 'slack'; // and only there any message can begin a thread
    const visible = place.messages.filter((m) => (!m.only || m.only === this.#as) && !(m.deleted && (!leaves || m.app) && m.id !== place.id) && (isThread || !this.#pinned || m.pinned || m.only));
    const speaker = this.#platform.speaker;
    return visible.map((m, i) => {
      const above = visible[i - 1];
      const more = !!above && !m.buttons && speaker(above) === speaker(m) && above.as === m.as && !m.reply && !above.only && !m.only && !above.deleted && m.at - above.at < groupWithin && !(isThread && i === 1);
      const replies = isThread ? undefined : this.#replies(m);
      const editing = this.#editing === m.id;
      return {
        key: m.id,
        signature: editing ? 'editing' : JSON.stringify([m, more, replies, this.#as]),
        make: () =>
          message(m, {
            people, more, replies, editing,
            platform: this.#platform,
            menu: this.#state.menu,
            answered: m.reply && place.messages.find((other) => other.id === m.reply),
            as: this.#as,
            fresh: this.#arrived.delete(m.id),
            act: (what, fields) => pane.act({ do: what, ...fields }),
            edit: () => ((this.#editing = m.id), this.#show()),
            endEdit: () => ((this.#editing = ''), this.#show(), pane.composer.focus()),
            answer: this.#platform.answers && (() => pane.composer.answer(m.id, m.author)),
            openThread: place.kind === 'channel' && (leaves || this.#place(m.id)) ? () => this.openThread(m.thread || m.id) : undefined,
          }),
      };
    });
  }

  // people are names by what texts refer to: people's, and those of places after a #.
  #people = () => new Map([...this.#state.people.map((person) => [person.ref, person.name]), ...this.#state.places.map((place) => ['#' + place.id, place.name])]);

  #replies(m) {
    const thread = this.#place(m.thread || m.id);
    if (!thread || thread.kind !== 'thread') return m.id === this.#thread ? { count: 0, open: true } : undefined;
    const answers = thread.messages.slice(1).filter((answer) => !answer.deleted && !answer.only);
    return { count: answers.length, last: answers.at(-1)?.at, open: thread.id === this.#thread };
  }
}

// order makes ids comparable as texts: Telegram's are short numbers.
const order = (m) => m.id.padStart(20, '0');
const newest = (place) => (place.messages.length ? order(place.messages.at(-1)) : '');

// walk moves the focus from message to message with the arrow keys.
function walk(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = document.activeElement.closest('.msg');
  if (!step || /^(?:TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const next = at ? (step > 0 ? at.nextElementSibling : at.previousElementSibling) : list.lastElementChild;
  if (!next?.matches('.msg')) return;
  event.preventDefault();
  next.focus();
}
