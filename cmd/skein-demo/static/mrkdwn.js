// Slack's mrkdwn as document nodes. Every character of a message becomes text; only the elements below are made.
import { h } from './dom.js';
import { emoji } from './emoji.js';

const entities = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/** plain resolves Slack's escapes. */
export const plain = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => entities[entity]);

/** link makes a link of a web, mail or telephone address, and text of any other. */
export function link(address, label) {
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(address)) return label || address;
  return h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, label || address.replace(/^(?:mailto|tel):/i, ''));
}

const inline = new RegExp(
  [
    '`([^`\\n]+)`', // 1 code
    '<([^<>\\n]+)>', // 2 reference
    '(?<![\\p{L}\\p{N}*])\\*(?!\\s)([^*\\n]+?)(?<!\\s)\\*(?![\\p{L}\\p{N}*])', // 3 bold
    '(?<![\\p{L}\\p{N}_])_(?!\\s)([^_\\n]+?)(?<!\\s)_(?![\\p{L}\\p{N}_])', // 4 italic
    '(?<![\\p{L}\\p{N}~])~(?!\\s)([^~\\n]+?)(?<!\\s)~(?![\\p{L}\\p{N}~])', // 5 struck
    ':([a-z0-9_+-]+):', // 6 emoji
  ].join('|'),
  'gu',
);

/** spans renders one line or several without blocks. people maps references to people. */
export function spans(text, people) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(inline)) {
    const [whole, code, reference, bold, italic, struck, name] = found;
    if (found.index > end) nodes.push(plain(text.slice(end, found.index)));
    end = found.index + whole.length;
    if (code) nodes.push(h('code', {}, plain(code)));
    else if (reference) nodes.push(refer(reference, people));
    else if (bold) nodes.push(h('strong', {}, ...spans(bold, people)));
    else if (italic) nodes.push(h('em', {}, ...spans(italic, people)));
    else if (struck) nodes.push(h('s', {}, ...spans(struck, people)));
    else nodes.push(emoji(name));
  }
  if (end < text.length) nodes.push(plain(text.slice(end)));
  return nodes;
}

/** mention shows a person, a channel or a group. */
export const mention = (text) => h('span', { class: 'mention' }, text);

function refer(reference, people) {
  const bar = reference.indexOf('|');
  const target = bar < 0 ? reference : reference.slice(0, bar);
  const label = bar < 0 ? '' : plain(reference.slice(bar + 1));
  if (target[0] === '@') return mention('@' + (people.get(target.slice(1)) || label || target.slice(1)));
  if (target[0] === '#') return mention('#' + (label || target.slice(1)));
  if (target.startsWith('!date^')) return date(target, label);
  if (target[0] === '!') return mention(label || '@' + target.slice(1));
  return link(plain(target), label);
}

// date shows a moment by the reader's clock; times of today go without their day.
function date(target, label) {
  const at = new Date(1000 * target.split('^')[1]);
  if (Number.isNaN(at.getTime())) return label || target;
  const today = at.toDateString() === new Date().toDateString();
  const shown = at.toLocaleString(undefined, { hour: 'numeric', minute: '2-digit', ...(!today && { month: 'short', day: 'numeric' }) });
  return h('time', { datetime: at.toISOString() }, shown);
}

/** mrkdwn renders a whole text: paragraphs, quotes and code. */
export function mrkdwn(text, people) {
  const nodes = [];
  text.split(/```\n?([\s\S]+?)\n?```/).forEach((part, i) => {
    if (i % 2) nodes.push(h('pre', {}, plain(part)));
    else nodes.push(...paragraphs(part, people));
  });
  return nodes;
}

function paragraphs(text, people) {
  const nodes = [];
  let lines = [];
  let quoted = false;
  const flush = () => {
    const body = lines.join('\n').replace(/^\n+|\n+$/g, '');
    lines = [];
    if (!body.trim()) return;
    const paragraph = h('p', {}, ...spans(body, people));
    nodes.push(quoted ? h('blockquote', {}, paragraph) : paragraph);
  };
  for (const line of text.split('\n')) {
    const quote = /^(?:&gt;|>)\s?/.exec(line);
    if (!!quote !== quoted) flush();
    quoted = !!quote;
    lines.push(quote ? line.slice(quote[0].length) : line);
  }
  flush();
  return nodes;
}
