// What only some visitors use, in a script of its own: it is loaded when it is first needed.
export { Attachments } from './attach';
export { Emoji } from './emoji';
export { Rating } from './rating';
export { save } from './save';
export { chime } from './sound';

declare const MORE_CSS: string;

const sheet = new CSSStyleSheet();
sheet.replaceSync(MORE_CSS);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
