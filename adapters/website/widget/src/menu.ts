import { ICON, h, icon } from './dom';

/** Menu is a button and what it opens: further choices, each a button that closes it. */
export class Menu {
  readonly button: HTMLButtonElement;
  readonly list: HTMLElement;

  constructor(label: string, onOpen: () => void, ...items: HTMLButtonElement[]) {
    this.list = h('div', { class: 'menu', id: 'skein-items', hidden: true }, ...items);
    this.button = h(
      'button',
      {
        type: 'button',
        class: 'icon',
        id: 'skein-menu',
        'aria-label': label,
        'aria-controls': 'skein-items',
        click: () => {
          onOpen();
          this.show(this.list.hidden);
        },
      },
      icon(ICON.menu),
    );
    const leave = ({ target }: Event) => {
      if (![this.button, this.list].some((part) => part.contains(target as Node))) this.show(false);
    };
    addEventListener('pointerdown', leave);
    addEventListener('focusin', leave);
    this.list.addEventListener('chosen', () => {
      this.show(false);
      this.button.focus();
    });
    for (const part of [this.list, this.button])
      part.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || this.list.hidden) return;
        event.stopPropagation(); // the panel stays
        this.show(false);
        this.button.focus();
      });
    this.show(false);
  }

  show(open: boolean): void {
    this.list.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
  }
}

/** choice is one line of a menu; see icon for flip. */
export function choice(path: string, text: string, click: () => void, flip = false): HTMLButtonElement {
  const chosen = (event: Event) => {
    click();
    (event.currentTarget as HTMLElement).dispatchEvent(new Event('chosen', { bubbles: true }));
  };
  return h('button', { type: 'button', click: chosen }, icon(path, flip), text);
}
