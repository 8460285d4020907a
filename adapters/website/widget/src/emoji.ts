import { h } from './dom';

const EMOJI = '😀 😂 😊 😍 🤔 😢 😠 😮 👍 👎 👏 🙏 👋 💪 🤝 ❤️ 🎉 🔥 ✅ ❌ ⭐ 💡 ☕ 🌱'.split(' ');
const COLUMNS = 8;

/** Emoji offers a few emoji, for those whose keyboard has none. */
export class Emoji {
  readonly element: HTMLElement;

  /** onPick is given the one that was chosen. */
  constructor(label: string, onPick: (emoji: string) => void) {
    const buttons = EMOJI.map((emoji, at) =>
      h('button', { type: 'button', tabindex: at ? '-1' : '0', click: () => onPick(emoji) }, emoji),
    );
    this.element = h('div', { class: 'emoji', role: 'group', 'aria-label': label }, ...buttons);
    // One stop for the tabulator; from there the arrows lead on.
    this.element.addEventListener('keydown', (event) => {
      const forward = getComputedStyle(this.element).direction === 'rtl' ? -1 : 1;
      const steps: Record<string, number> = {
        ArrowRight: forward,
        ArrowLeft: -forward,
        ArrowDown: COLUMNS,
        ArrowUp: -COLUMNS,
      };
      const from = buttons.indexOf(event.target as HTMLButtonElement);
      const to = buttons[from + steps[event.key]];
      if (!to) return;
      event.preventDefault();
      buttons[from].tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    });
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('[tabindex="0"]')!.focus();
  }
}
