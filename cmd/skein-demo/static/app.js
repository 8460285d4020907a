// The page: it reads the state, follows hints, and shows a client for each platform beside the shop.
import { Client } from './client.js';
import { h } from './dom.js';

const main = document.querySelector('main');
const home = document.querySelector('#clients');
const tabs = [...document.querySelectorAll('.tabs [role=tab]')];
const titles = { slack: 'Slack', discord: 'Discord', telegram: 'Telegram' };

const clients = new Map(); // by platform
let current = '';

/** post does an act; it returns the problem's text, or nothing when it was done. */
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
      return '';
    }
    return (await answer.json()).detail;
  } catch {
    return 'The demonstration does not answer. Is it still running? Your text is kept.';
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
      if (answer.ok) show((await answer.json()).platforms);
    } catch {
      // The stream of hints says so and asks again when it is back.
    }
  } while (again);
  reading = false;
}

function show(platforms) {
  for (const state of platforms) {
    const client = clients.get(state.name);
    if (client) client.update(state);
    else clients.set(state.name, new Client(state, (fields, file) => post(state.name, fields, file), badge));
  }
  if (!current) choose(platforms[0].name);
}

function choose(name) {
  current = name;
  const client = clients.get(name);
  const heading = h('h2', {}, titles[name] ?? name, ' ', h('span', {}, 'simulated'));
  const choice = h(
    'div',
    { class: 'clients', role: 'tablist', 'aria-label': 'Platforms' },
    [...clients.keys()].map((other) => h('button', { type: 'button', role: 'tab', 'aria-selected': String(other === name), onclick: () => choose(other) }, titles[other] ?? other)),
  );
  home.replaceChildren(h('div', { class: 'bar' }, clients.size > 1 ? choice : heading, client.who), client.element);
  client.appear();
}

function badge() {
  const unseen = [...clients.values()].reduce((sum, client) => sum + client.unseen, 0);
  document.title = unseen ? `(${unseen}) Skein demonstration` : 'Skein demonstration';
  document.querySelector('.dot').hidden = !unseen;
}

// Narrow windows show one side at a time.
function side(tab) {
  for (const other of tabs) {
    other.setAttribute('aria-selected', String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  }
  main.dataset.side = tab.getAttribute('aria-controls');
  clients.get(current)?.appear();
}
for (const tab of tabs) {
  tab.addEventListener('click', () => side(tab));
  tab.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const other = tabs[1 - tabs.indexOf(tab)];
    other.focus();
    side(other);
  });
}

// The widget keeps a visitor in this origin's storage: without it, the shop is opened by somebody else.
const shop = document.querySelector('#shop-frame');
document.querySelector('#another').addEventListener('click', () => {
  localStorage.clear();
  shop.contentWindow.location.reload();
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
  hints.addEventListener('error', () => home.prepend(broken));
}
document.addEventListener('visibilitychange', follow);
follow();
refresh();
