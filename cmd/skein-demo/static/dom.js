// Small helpers to build and keep a document. Text always enters as text, never as HTML.

/** h makes an element. Properties beginning with "on" are listeners; children may be texts, nodes or nothing. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

const namespace = 'http://www.w3.org/2000/svg';

/** icon draws one path of a 24 × 24 square. */
export function icon(path, kind = 'line') {
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', kind);
  const line = document.createElementNS(namespace, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** mark draws the product's mark. */
export function mark() {
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(namespace, 'use');
  use.setAttribute('href', '/demo/static/mark.svg#mark');
  svg.append(use);
  return svg;
}

export const icons = {
  attach: 'M19 11.5l-7.300 7.300a4.5 4.5 0 0 1-6.400-6.400l7.700-7.700a3 3 0 0 1 4.300 4.300l-7.700 7.700a1.5 1.5 0 0 1-2.200-2.200l7-7',
  send: 'M5 12h13M12.5 6.5L18 12l-5.5 5.5',
  close: 'M6 6l12 12M18 6L6 18',
  back: 'M14.5 6L8.5 12l6 6',
  answer: 'M10 7L5 11.5l5 4.500M5.5 11.5H14c3 0 5 2 5 5.500',
  edit: 'M5 19l.8-3.800L16 5l3 3L8.800 18.200zM14 7l3 3',
  remove: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12M10.5 10.5v5M13.5 10.5v5',
  more: 'M6 12h.1M12 12h.1M18 12h.1',
  pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
  thread: 'M4 5h16v11H11l-4 4v-4H4zM8 9h8M8 12.5h5',
  file: 'M7 3.5h7l4 4v13H7zM14 3.5v4h4',
};

/**
 * keyed makes parent's children those of items: one element each, kept as it is while its signature stays, so that
 * focus, selection and scroll position survive. item: {key, signature, make()}.
 */
export function keyed(parent, items) {
  const old = new Map();
  for (const child of parent.children) old.set(child.dataset.key, child);
  let at = parent.firstElementChild;
  for (const { key, signature, make } of items) {
    let element = old.get(key);
    old.delete(key);
    if (!element || element.signature !== signature) {
      const fresh = make();
      fresh.dataset.key = key;
      fresh.signature = signature;
      if (element) {
        const focus = focusWithin(element);
        if (element === at) at = fresh;
        element.replaceWith(fresh);
        element.successor = fresh;
        restore(fresh, focus);
      }
      element = fresh;
    }
    if (element === at) at = at.nextElementSibling;
    else parent.insertBefore(element, at);
  }
  for (const child of old.values()) child.remove();
}

// The focus is remembered by its place in the element, so that a message that changes keeps it.
function focusWithin(element) {
  const active = document.activeElement;
  if (!element.contains(active)) return null;
  return active === element ? -1 : [...element.querySelectorAll('button, a, select')].indexOf(active);
}

/** keepFocus remembers what has the focus, and returns what gives it back: to what stands in its place, if it was made anew. */
export function keepFocus() {
  const active = document.activeElement;
  const holder = active.closest('[data-key]') ?? active;
  const at = focusWithin(holder);
  return () => {
    let now = holder;
    while (now.successor) now = now.successor;
    if (now.isConnected) restore(now, at);
  };
}

function restore(element, at) {
  if (at === null) return;
  (at < 0 ? element : (element.querySelectorAll('button, a, select')[at] ?? element)).focus();
}
