// The client of one platform: its channels, one channel, one thread.
import { composer } from './composer.js';
import { h, icon, icons, keyed } from './dom.js';
import { message, minute } from './message.js';

const groupWithin = 5 * 60_000; // messages of one person this close together share a head

/** Client shows one platform. post(fields, file) does an act and returns a problem's text, or nothing. */
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
  #known = new Map(); // messages seen, by place: id of the newest
  #arrived = new Set(); // messages that came while we looked on
  #waiting = true; // whether the next new thread is to be opened

  constructor(state, post, onunseen) {
    this.#post = post;
    this.#onunseen = onunseen;
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

  // notice finds what is new: it opens a new thread when none is open, and counts what is not looked at.
  #notice() {
    for (const place of this.#state.places) {
      const before = this.#known.get(place.id);
      for (const m of place.messages) if (m.id > (before ?? '')) this.#arrived.add(m.id);
      if (before !== undefined || place.kind !== 'thread') continue;
      this.#known.set(place.id, '');
      if (!this.#thread && this.#waiting) this.#open(place.id);
    }
    const looking = !this.element.closest('main') || this.element.offsetParent !== null;
    for (const id of [this.#channel, this.#thread]) {
      const place = id && this.#place(id);
      if (place && looking) this.#known.set(id, newest(place));
    }
    const unseen = this.#state.places.filter((place) => place.kind === 'thread' && !this.#isSeen(place)).length;
    if (unseen !== this.unseen) {
      this.unseen = unseen;
      this.#onunseen();
    }
  }

  #open(id) {
    const place = this.#state?.places.find((p) => p.id === id);
    this.#thread = id;
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
    this.thread.head.append(h('button', { type: 'button', class: 'icon', 'aria-label': 'Close the thread', onclick: () => this.closeThread() }, icon(icons.close)));
    this.who = h(
      'fieldset',
      { class: 'as', onchange: (event) => this.#become(event.target.value) },
      h('legend', {}, 'Write as'),
      state.people.map((person, i) =>
        h('label', {}, h('input', { type: 'radio', class: 'hear', name: 'as-' + state.name, value: person.id, checked: i === 0 }), h('img', { src: person.avatar, alt: '' }), person.name.split(' ')[0], !person.team && h('small', {}, 'not in the team')),
      ),
    );
    this.element = h('div', { class: 'client' }, h('nav', { class: 'side', 'aria-label': 'Channels' }, h('h3', {}, state.title), this.side), this.channel.element, this.thread.element);
  }

  #become(person) {
    this.#as = person;
    this.#editing = '';
    this.#show();
  }

  #pane(kind) {
    const title = h('h3', {});
    const list = h('div', { class: 'list', role: 'log', tabindex: 0, 'aria-live': 'polite', onkeydown: (event) => walk(event, list) });
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const complain = (text) => {
      problem.textContent = text ?? '';
      problem.hidden = !text;
      return !text;
    };
    const act = async (fields, file) => complain(await this.#post({ place: this.#channel, as: this.#as, ...(kind === 'thread' && { thread: this.#thread }), ...fields }, file));
    const form = composer({
      label: 'Write',
      say: (text) => act(text.startsWith('/') && !text.startsWith('//') && kind === 'channel' ? { do: 'command', text } : { do: 'say', text }),
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
    const thread = this.#thread && this.#place(this.#thread);
    this.thread.element.hidden = !thread;
    if (thread) this.#showPane(this.thread, thread, true);
    this.element.classList.toggle('alone', !thread);
  }

  #showSide() {
    const channels = this.#state.places.filter((place) => place.kind === 'channel');
    keyed(
      this.side,
      channels.map((place) => {
        const waiting = this.#state.places.filter((p) => p.parent === place.id && !this.#isSeen(p)).length;
        const current = place.id === this.#channel;
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
      }),
    );
  }

  #enter(channel) {
    this.#channel = channel;
    if (this.#thread && this.#place(this.#thread)?.parent !== channel) this.#thread = '';
    this.update(this.#state);
  }

  #showPane(pane, place, isThread) {
    const person = this.#state.people.find((p) => p.id === this.#as);
    const name = isThread ? 'Thread' : `# ${place.name}`;
    pane.title.replaceChildren(name, ...(isThread ? [' ', h('small', {}, `in # ${this.#place(place.parent).name}`)] : []));
    pane.composer.describe(isThread ? 'Reply in the thread' : `Write in # ${place.name}`, person.team ? (isThread ? '//words stay between colleagues' : '') : `${person.name.split(' ')[0]} is not in the team`);
    if (pane.shown !== place.id) {
      pane.list.replaceChildren();
      pane.complain('');
    }
    const before = pane.shown;
    const atEnd = pane.shown !== place.id || pane.list.scrollHeight - pane.list.scrollTop - pane.list.clientHeight < 48;
    pane.shown = place.id;
    keyed(pane.list, this.#items(pane, place, isThread));
    if (!pane.list.childElementCount) pane.list.append(this.#empty(place));
    const count = pane.list.childElementCount;
    if (atEnd && (count !== pane.count || before !== place.id)) pane.list.scrollTop = pane.list.scrollHeight;
    pane.count = count;
  }

  #empty(place) {
    if (place.id !== this.#state.places[0].id) return h('p', { class: 'empty', 'data-key': 'empty' }, h('b', {}, 'Nothing here yet'));
    return h('p', { class: 'empty', 'data-key': 'empty' }, h('b', {}, 'No conversations yet'), 'Each visitor gets a thread here. Write something in the shop’s chat and the first one opens.');
  }

  #items(pane, place, isThread) {
    const people = new Map(this.#state.people.map((person) => [person.ref, person.name]));
    // What a person took back leaves a mark here; what the app removes was never meant to stay.
    const visible = place.messages.filter((m) => (!m.only || m.only === this.#as) && !(m.deleted && m.app && m.id !== place.id));
    return visible.map((m, i) => {
      const above = visible[i - 1];
      const more = !!above && !m.buttons && above.author === m.author && above.as === m.as && !above.only && !m.only && !above.deleted && m.at - above.at < groupWithin && !(isThread && i === 1);
      const replies = isThread ? undefined : this.#replies(m);
      const editing = this.#editing === m.id;
      return {
        key: m.id,
        signature: editing ? 'editing' : JSON.stringify([m, more, replies, this.#as]),
        make: () =>
          message(m, {
            people, more, replies, editing,
            as: this.#as,
            fresh: this.#arrived.delete(m.id),
            act: (what, fields) => pane.act({ do: what, ...fields }),
            edit: () => ((this.#editing = m.id), this.#show()),
            endEdit: () => ((this.#editing = ''), this.#show(), pane.composer.focus()),
            openThread: isThread ? undefined : () => this.openThread(m.thread || m.id),
          }),
      };
    });
  }

  #replies(m) {
    const thread = this.#place(m.thread || m.id);
    if (!thread || thread.kind !== 'thread') return m.id === this.#thread ? { count: 0, open: true } : undefined;
    const answers = thread.messages.slice(1).filter((answer) => !answer.deleted && !answer.only);
    return { count: answers.length, last: answers.at(-1)?.at, open: thread.id === this.#thread };
  }
}

const newest = (place) => place.messages.at(-1)?.id ?? '';

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
