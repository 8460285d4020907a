// One message of a client.
import { h, icon, icons, mark } from './dom.js';
import { emoji, quick } from './emoji.js';
import { menu } from './menu.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

/** minute is the time of day of a message. */
export const minute = (at) => clock.format(at);

/** avatar shows who spoke: their picture where this page serves it, else their emoji or initials. */
export function avatar(name, address, app) {
  if (address?.startsWith('/')) return h('img', { class: 'face', src: address, alt: '', width: 36, height: 36 });
  if (app) return h('span', { class: 'face app', 'aria-hidden': 'true' }, mark());
  const initials = name.split(/\s+/).map((word) => [...word][0]).slice(0, 2).join('').toUpperCase();
  let hue = 0;
  for (const c of name) hue = (hue * 31 + c.codePointAt(0)) % 6;
  if (/^:.+:$/.test(address)) return h('span', { class: `face sign h${hue}`, 'aria-hidden': 'true' }, emoji(address.slice(1, -1)));
  return h('span', { class: `face h${hue}`, 'aria-hidden': 'true' }, initials);
}

/**
 * message builds the element of a message. context: platform, people (names by reference), as (who looks on), more
 * (continues the one above), fresh (has just arrived), answered (the message it answers, if shown), replies ({count, last,
 * open} of the thread it begins, if shown), menu (what the app can do with it), editing, and actions: act(do, fields), edit(message), endEdit(), answer(),
 * openThread().
 */
export function message(m, context) {
  const own = m.as && m.as === context.as;
  const card = m.app && !!m.buttons?.length && !m.only && !m.thread;
  const speaker = context.platform.speaker(m);
  const tools = m.deleted || m.only ? null : toolbar(m, own, context);
  const element = h(
    'article',
    {
      class: ['msg', context.more && 'more', card && 'card', context.fresh && 'new', context.replies?.open && 'open', own && 'own'].filter(Boolean).join(' '),
      tabindex: -1,
      'aria-label': `${m.author}, ${minute(m.at)}`,
      'data-message': m.id,
      onkeydown: (event) => keys(event, m, own, context),
    },
    avatar(speaker, m.avatar, m.app && speaker === 'Skein'),
    h(
      'div',
      { class: 'body' },
      h('div', { class: 'who' }, h('b', {}, speaker), m.app && h('span', { class: 'tag' }, 'App'), h('time', { datetime: new Date(m.at).toISOString() }, minute(m.at))),
      m.only && h('p', { class: 'only' }, 'Only visible to you · ', h('button', { type: 'button', class: 'link', onclick: () => context.act('dismiss', { target: m.id }) }, 'Dismiss')),
      m.pinned && h('p', { class: 'only' }, 'Pinned'),
      context.answered && h('p', { class: 'answered' }, h('b', {}, context.answered.author), ' ', context.answered.text || 'a message'),
      context.editing ? editor(m, context) : h('div', { class: 'text' }, ...content(m, card, context)),
      attachments(m.files),
      h('span', { class: 'stamp', 'aria-hidden': 'true' }, m.edited && 'edited ', minute(m.at)),
      reactions(m, context),
      context.replies && thread(context),
    ),
    tools,
  );
  return element;
}

function content(m, card, context) {
  if (m.deleted) return [h('p', { class: 'gone' }, 'This message was deleted.')];
  const nodes = context.platform.content(m, context.people, (id, choice) => context.act('press', { target: m.id, value: id, text: choice }));
  if (m.edited && !card) {
    const mark = h('span', { class: 'mark' }, ' (edited)');
    const last = nodes.at(-1)?.matches('.embed') ? nodes.at(-1).lastElementChild : nodes.at(-1);
    if (last?.tagName === 'P') last.append(mark);
    else nodes.push(mark);
  }
  return nodes;
}

function attachments(files) {
  if (!files?.length) return null;
  const one = ({ name, type, size, url }) => {
    const picture = /^image\/(?:png|jpeg|gif|webp|svg\+xml)$/.test(type);
    return h(
      'a',
      { href: url, target: '_blank', rel: 'noopener', class: picture && 'shown' },
      picture ? h('img', { src: url, alt: name, loading: 'lazy' }) : [icon(icons.file), h('span', {}, name, h('small', {}, bytes(size)))],
    );
  };
  return h('div', { class: 'files' }, files.map(one));
}

const bytes = (n) => (n < 1000 ? `${n} B` : n < 1e6 ? `${Math.round(n / 1000)} KB` : `${(n / 1e6).toFixed(1)} MB`);

function reactions(m, context) {
  if (!m.reactions?.length) return null;
  const one = ({ name, by }) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(by.includes(context.as)),
        'aria-label': `${quick[name] ?? name}, ${by.length}`,
        onclick: () => context.act('react', { target: m.id, text: name }),
      },
      emoji(name),
      String(by.length),
    );
  return h('div', { class: 'reactions' }, m.reactions.map(one));
}

function thread({ replies, openThread }) {
  const { count, last } = replies;
  return h('button', { type: 'button', class: 'replies', onclick: openThread }, count === 1 ? '1 reply' : `${count} replies`, last && h('small', {}, `last at ${minute(last)}`));
}

function toolbar(m, own, context) {
  const tool = (label, picture, run) => h('button', { type: 'button', tabindex: -1, 'aria-label': label, title: label, onclick: run }, picture);
  return h(
    'div',
    { class: 'tools', role: 'toolbar', 'aria-label': 'What to do with this message', onkeydown: among },
    Object.keys(quick).map((name) => tool(`React: ${quick[name]}`, emoji(name), () => context.act('react', { target: m.id, text: name }))),
    context.answer && tool('Answer', icon(icons.answer), context.answer),
    context.openThread && tool('Reply in thread', icon(icons.thread), context.openThread),
    own && tool('Edit (E)', icon(icons.edit), () => context.edit(m)),
    own && tool('Delete', icon(icons.remove), () => context.act('delete', { target: m.id })),
    context.menu && menu('More: apps', icons.more, () => context.menu.map(({ id, text }) => ({ label: text, run: () => context.act('press', { target: m.id, value: id }) }))),
  );
}

// among moves the focus between the tools; Escape gives it back to the message.
function among(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const all = [...event.currentTarget.querySelectorAll('button:not([role=menuitem])')];
  if (step) all[all.indexOf(event.target.closest('button')) + step]?.focus();
  else if (event.key === 'Escape') event.currentTarget.closest('.msg').focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function keys(event, m, own, context) {
  if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
  const run = {
    e: own && !m.deleted && (() => context.edit(m)),
    Delete: own && !m.deleted && (() => context.act('delete', { target: m.id })),
    Enter: context.openThread,
    ArrowRight: () => event.currentTarget.querySelector('.tools button')?.focus(),
  }[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

function editor(m, context) {
  const save = async () => {
    if (await context.act('edit', { target: m.id, text: area.value })) context.endEdit();
  };
  const area = h('textarea', {
    'aria-label': 'Change the message',
    rows: 1,
    onkeydown: (event) => {
      if (event.key === 'Escape') context.endEdit();
      else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        save();
      }
    },
  });
  area.value = context.platform.source(m);
  requestAnimationFrame(() => (area.focus(), area.setSelectionRange(area.value.length, area.value.length)));
  return h(
    'div',
    { class: 'edit' },
    area,
    h('div', {}, h('button', { type: 'button', class: 'quiet', onclick: context.endEdit }, 'Cancel'), h('button', { type: 'button', class: 'act primary', onclick: save }, 'Save')),
  );
}
