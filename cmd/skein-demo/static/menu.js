// A menu that a button opens: what the app can do with a message.
import { h, icon } from './dom.js';

/** menu is a button with its menu. entries() are {label, run}. */
export function menu(label, picture, entries) {
  const list = h('ul', { class: 'menu', role: 'menu', 'aria-label': label, hidden: true, onkeydown: keys });
  const opener = h('button', { type: 'button', tabindex: -1, 'aria-label': label, title: label, 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: () => toggle(list.hidden) }, icon(picture));
  const element = h('div', { class: 'opens', onfocusout: ({ relatedTarget }) => element.contains(relatedTarget) || toggle(false) }, opener, list);

  function toggle(open) {
    if (open) list.replaceChildren(...entries().map(({ label: text, run }) => h('li', { role: 'none' }, h('button', { type: 'button', role: 'menuitem', tabindex: -1, onclick: () => (toggle(false), run()) }, text))));
    list.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
    if (open) list.querySelector('button')?.focus();
  }

  function keys(event) {
    const items = [...list.querySelectorAll('button')];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    else if (event.key === 'Escape') (toggle(false), opener.focus());
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return element;
}
