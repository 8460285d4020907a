// Emoji that the product and the toolbar use are drawn, so that they look alike on every machine; others are the
// reader's own font's.
import { h, icon } from './dom.js';

const drawn = {
  white_check_mark: 'M4.5 12.5l5 5 10-11',
  eyes: 'M2.5 12c2.4-4 5.6-6 9.5-6s7.1 2 9.5 6c-2.4 4-5.6 6-9.5 6s-7.1-2-9.5-6zM12 9.5a2.5 2.5 0 1 0 .01 0z',
  heart: 'M12 19.5C6 15.5 3.5 12 3.5 9a4.3 4.3 0 0 1 8.5-1.2A4.3 4.3 0 0 1 20.5 9c0 3-2.5 6.5-8.5 10.5z',
  '+1': 'M7.5 11L11 4c1.7 0 2.5 1 2.3 2.6L12.8 10h5.4c1.3 0 2 1 1.7 2.2l-1.5 6c-.3 1.1-1 1.8-2.2 1.8H7.5zM7.5 11H4v9h3.5',
  warning: 'M12 4.5l8.5 15h-17zM12 10v4.5M12 17.2v.1',
  hourglass_flowing_sand: 'M7 4h10M7 20h10M8 4c0 4 3 5.500 4 8-1 2.500-4 4-4 8M16 4c0 4-3 5.500-4 8 1 2.500 4 4 4 8',
  lock: 'M6 11h12v8.500H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  star: 'M12 4l2.4 5.2 5.6.6-4.2 3.8 1.2 5.6-5-2.9-5 2.9 1.2-5.600L4 9.800l5.6-.6z',
  robot_face: 'M5.5 8.500h13v10h-13zM12 8.500V5M9.5 13h.1M14.5 13h.1M10 16h4',
  large_orange_circle: 'M12 5.500a6.5 6.5 0 1 1-.01 0z',
  large_blue_circle: 'M12 5.500a6.5 6.5 0 1 1-.01 0z',
  speech_balloon: 'M4 5h16v11H11l-4 4v-4H4z',
  bust_in_silhouette: 'M12 4.5a4 4 0 1 0 .01 0zM4.5 20c.6-4.5 3.400-6.500 7.500-6.500s6.900 2 7.500 6.500',
  outbox_tray: 'M4 13v6h16v-6M12 15.5V4.5M8 8.5l4-4 4 4',
  memo: 'M6 4h9l3 3v13H6zM9 10h6M9 13.500h6M9 17h3',
};

const characters = {
  thumbsup: '👍', '-1': '👎', heavy_check_mark: '✔️', tada: '🎉', wave: '👋', pray: '🙏', slightly_smiling_face: '🙂', smile: '😄',
  blush: '😊', joy: '😂', thinking_face: '🤔', rocket: '🚀', x: '❌', hourglass: '⌛', package: '📦', snowflake: '❄️', sunny: '☀️',
  tent: '⛺', email: '📧', phone: '📞', question: '❓', fire: '🔥',
};

/** quick are the reactions that a message offers, with what a screen reader says. */
export const quick = { white_check_mark: 'done', eyes: 'seen', heart: 'heart', '+1': 'thumbs up' };

/** emoji shows an emoji by its name; an unknown one is its name between colons. */
export function emoji(name) {
  if (!drawn[name]) return document.createTextNode(characters[name] ?? `:${name}:`);
  return h('span', { class: `emoji ${name}`, role: 'img', 'aria-label': quick[name] ?? name.replaceAll('_', ' ') }, icon(drawn[name]));
}

const byCharacter = {
  '🟠': 'large_orange_circle', '🔵': 'large_blue_circle', '✅': 'white_check_mark', '🔒': 'lock', '⚠️': 'warning', '🤖': 'robot_face', '⭐': 'star',
  '⏳': 'hourglass_flowing_sand', '👀': 'eyes', '❤️': 'heart', '👍': '+1',
};
const known = new RegExp(`(${Object.keys(byCharacter).join('|')})`, 'u');

/** withEmoji is a text whose emoji are drawn where they are known. */
export const withEmoji = (text) => text.split(known).map((part) => (byCharacter[part] ? emoji(byCharacter[part]) : part)).filter(Boolean);
