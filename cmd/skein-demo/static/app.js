// The page: it reads the state, follows hints, and shows a client for each platform beside the shop.
import { Client } from './client.js';
import { h } from './dom.js';

const clients = new Map(); // by platform

/** post does an act; it resolves to the problem's text, empty when it was done, and to the options that it asked for. */
async function post(platform, fields, file) {
  const act = JSON.stringify({ platform, ...fields });
  const request = { method: 'POST', body: act, headers: { 'Content-Type': 'application/json' } };
  if (file) {
    request.body = new FormData();
    request.body.append('act', act);
    request.body.append('file', file);
    delete request.headers;
  }
  try {
    const answer = await fetch('/demo/act', request);
    if (answer.ok) {
      refresh();
      return { problem: '', ...(await answer.json()) };
    }
    return { problem: (await answer.json()).detail };
  } catch {
    return { problem: 'The demonstration does not answer. Is it still running? Your text is kept.' };
  }
}

// At most one request for the state is under way; a hint that comes meanwhile asks once more afterwards.
let reading = false;
let again = false;

async function refresh() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  do {
    again = false;
    try {
      const answer = await fetch('/demo/state');
      if (answer.ok) show(await answer.json());
    } catch {
      // The stream of hints says so and asks again when it is back.
    }
  } while (again);
  reading = false;
}

function show({ both, always, platforms }) {
  document.querySelector('.where').hidden = always;
  for (const link of document.querySelectorAll('.where a')) link.toggleAttribute('aria-current', link.search.includes('both') === both);
  for (const state of platforms) {
    const client = clients.get(state.name);
    if (client) {
      client.update(state);
      continue;
    }
    const fresh = new Client(state, (fields, file) => post(state.name, fields, file), badge);
    clients.set(state.name, fresh);
    const heading = h('h2', {}, fresh.title, ' ', h('small', {}, 'simulated'));
    document.querySelector(`#${state.name}`).append(h('div', { class: 'bar' }, heading, fresh.who), fresh.element);
    fresh.appear();
  }
}

function badge() {
  const unseen = [...clients.values()].reduce((sum, client) => sum + client.unseen, 0);
  document.title = unseen ? `(${unseen}) Skein demonstration` : 'Skein demonstration';
  for (const [name, client] of clients) document.querySelector(`#tab-${name} .dot`).hidden = !client.unseen;
}

// Narrow windows show one panel of the visitors and one of the team, phones one of all.
const panels = [...document.querySelectorAll('.panel')];
const tabs = panels.map((panel) =>
  h('button', { type: 'button', role: 'tab', id: `tab-${panel.id}`, 'aria-controls': panel.id, onclick: () => bring(panel), onkeydown: walk }, panel.getAttribute('aria-label'), h('span', { class: 'dot', hidden: true }, h('span', { class: 'hear' }, ', something new'))),
);
document.querySelector('.tabs').append(...tabs);

function bring(panel) {
  const group = panel.classList.contains('team') ? 'team' : 'visitors';
  for (const other of panels) {
    other.classList.toggle('front', other === panel);
    if (other.classList.contains(group)) other.classList.toggle('current', other === panel);
  }
  for (const tab of tabs) {
    const selected = tab.getAttribute('aria-controls') === panel.id;
    tab.setAttribute('aria-selected', String(selected));
    tab.tabIndex = selected ? 0 : -1;
    tab.classList.toggle('current', document.getElementById(tab.getAttribute('aria-controls')).classList.contains('current'));
  }
  for (const client of clients.values()) client.appear();
}

function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = (tabs.indexOf(event.currentTarget) + step + tabs.length) % tabs.length;
  tabs[next].focus();
  bring(panels[next]);
}
bring(document.querySelector('#slack'));
bring(document.querySelector('#shop'));

// The widget keeps a visitor in this origin's storage: without it, the shop is opened by somebody else.
const shop = document.querySelector('#shop-frame');
document.querySelector('#another').addEventListener('click', () => {
  localStorage.clear();
  shop.contentWindow.location.reload();
});

// A link of the widget to Telegram opens there as the person whose phone it is, who goes on with the same conversation.
addEventListener('message', ({ origin, source, data }) => {
  if (origin !== location.origin || source !== shop.contentWindow || !data.start) return;
  bring(document.querySelector('#telegram'));
  clients.get('telegram').channel.act({ do: 'command', text: `/start ${data.start}` });
});

// A link in one client may lead to a thread in the other.
document.addEventListener('follow', ({ detail }) => {
  for (const [name, client] of clients) {
    if (!client.has(detail)) continue;
    bring(document.querySelector(`#${name}`));
    client.openThread(detail);
  }
});

const broken = h('p', { class: 'broken', role: 'status' }, 'The demonstration does not answer. This page goes on when it does.');

// Hints are followed while the page can be seen: browsers allow a site few connections, and each tab would hold one.
let hints;
function follow() {
  hints?.close();
  if (document.hidden) return;
  hints = new EventSource('/demo/events');
  hints.addEventListener('message', () => {
    broken.remove();
    refresh();
  });
  hints.addEventListener('error', () => document.querySelector('main').before(broken));
}
document.addEventListener('visibilitychange', follow);
follow();
refresh();
