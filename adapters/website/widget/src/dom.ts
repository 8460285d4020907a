type Attributes = Record<string, string | boolean | undefined | ((event: any) => void)>;

/** h builds an element. A function is a listener, true an empty attribute; false and undefined set nothing. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string | undefined | false)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...(children.filter((child) => child !== undefined && child !== false) as (Node | string)[]));
  return element;
}

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** icon draws one path in a square of 24; flip mirrors it where text runs from right to left. */
export function icon(path: string, flip = false): SVGElement {
  const svg = document.createElementNS(NAMESPACE, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  if (flip) svg.setAttribute('class', 'flip');
  const line = document.createElementNS(NAMESPACE, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

export const ICON = {
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M12 19V5M6 11l6-6 6 6',
  clip: 'M20 11l-8.5 8.500a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.800l-8.5 8.500a1.7 1.7 0 0 1-2.4-2.400L14.5 7.5',
  file: 'M7 3h7l5 5v13H7zM14 3v5h5',
  menu: 'M5 12h.01M12 12h.01M19 12h.01',
  emoji: 'M12 3a9 9 0 1 0 .01 0M8 14.500a4.500 4.500 0 0 0 8 0M9 9.500h.01M15 9.500h.01',
  sound: 'M6 17v-6a6 6 0 0 1 12 0v6l1.500 1.500h-15zM10 21.500h4',
  save: 'M12 4v11M7 10.500l5 5 5-5M5 20h14',
  telegram: 'M3 11.500l18-7.500-3.500 16-5.500-4-3 3.500v-6z',
  // Delivery, one glyph each: an open circle, one check, two checks, a mark of attention.
  queued: 'M12 5a7 7 0 1 0 .01 0M12 8.500V12l2.5 1.5',
  sent: 'M6 12.500l4 4 8-9',
  seen: 'M2.5 12.500l4 4 8-9M12 16l.5.5 8.5-9',
  failed: 'M12 4a8 8 0 1 0 .01 0M12 8v5M12 16v.01',
};
