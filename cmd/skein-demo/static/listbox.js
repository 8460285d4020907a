// A list to choose from with the keyboard while the focus stays in a field: commands after a slash, what the app suggests.
import { h } from './dom.js';

let count = 0;

/**
 * listbox belongs to a field. show(options) lists {label, about, run}, with the first chosen; key(event) uses the arrow keys,
 * Enter, Tab and Escape and reports whether it did. The list's element is to stand beside the field.
 */
export function listbox(field, label) {
  const id = `list-${++count}`;
  const element = h('ul', { class: 'options', role: 'listbox', id, 'aria-label': label, hidden: true });
  field.setAttribute('aria-controls', id);
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-expanded', 'false');
  let options = [];
  let at = 0;

  function mark(next) {
    at = (next + options.length) % options.length;
    [...element.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at)));
    const item = element.children[at];
    field.setAttribute('aria-activedescendant', item.id);
    item.scrollIntoView({ block: 'nearest' });
  }

  function show(next) {
    options = next;
    element.hidden = !options.length;
    field.setAttribute('aria-expanded', String(!element.hidden));
    field.removeAttribute('aria-activedescendant');
    element.replaceChildren(
      ...options.map(({ label, about, run }, i) =>
        h('li', { role: 'option', id: `${id}-${i}`, onmousedown: (event) => event.preventDefault(), onclick: run }, h('b', {}, label), about && h('span', {}, about)),
      ),
    );
    if (options.length) mark(0);
  }

  function key(event) {
    if (element.hidden || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(at + step);
    else if (event.key === 'Escape') show([]);
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') options[at].run();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { element, show, key, hide: () => show([]) };
}
