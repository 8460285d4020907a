// Discord's markdown, embeds and buttons as document nodes. Every character of a message becomes text; only the
// elements below are made (https://docs.discord.com/developers/reference#message-formatting).
import { h } from './dom.js';
import { withEmoji } from './emoji.js';
import { link, mention } from './mrkdwn.js';

const inside = '((?:\\\\.|[^\\\\])+?)'; // what stands between two marks, escaped characters included
const inline = new RegExp(
  [
    '\\\\([^\\sA-Za-z0-9])', // 1 escaped character
    '`([^`\\n]+)`', // 2 code
    `\\[((?:\\\\.|[^\\]\\\\])+)\\]\\(<?(https?://[^\\s)>]+)>?\\)`, // 3 label, 4 address
    '<@!?(\\d+)>', // 5 person
    '<#(\\d+)>', // 6 channel or thread
    '<t:(\\d+)(?::\\w)?>', // 7 moment
    '<?(https?://[^\\s<>]+)>?', // 8 address
    `\\*\\*${inside}\\*\\*`, // 9 bold
    `__${inside}__`, // 10 underlined
    `~~${inside}~~`, // 11 struck
    `\\|\\|${inside}\\|\\|`, // 12 hidden
    `\\*(?!\\s)${inside}(?<!\\s)\\*`, // 13 italic
    `(?<![\\p{L}\\p{N}_])_${inside}_(?![\\p{L}\\p{N}_])`, // 14 italic
  ].join('|'),
  'gsu',
);

function spans(text, people) {
  const nodes = [];
  const say = (words) => nodes.push(...withEmoji(words.replaceAll('\u200b', '')));
  let end = 0;
  for (const found of text.matchAll(inline)) {
    const [whole, escaped, code, label, address, person, place, moment, bare, bold, under, struck, hidden, star, low] = found;
    if (found.index > end) say(text.slice(end, found.index));
    end = found.index + whole.length;
    const wrap = (tag, inner, style) => nodes.push(h(tag, { class: style }, ...spans(inner, people)));
    if (escaped) say(escaped);
    else if (code) nodes.push(h('code', {}, code));
    else if (label) nodes.push(link(address, label.replace(/\\([^\sA-Za-z0-9])/g, '$1')));
    else if (person) nodes.push(mention('@' + (people.get(person) ?? 'someone')));
    else if (place) nodes.push(h('a', { class: 'mention', href: `https://discord.com/channels/-/${place}` }, people.get('#' + place) ?? '# unknown'));
    else if (moment) nodes.push(ago(moment));
    else if (bare) nodes.push(link(bare, bare));
    else if (bold) wrap('strong', bold);
    else if (under) wrap('u', under);
    else if (struck) wrap('s', struck);
    else if (hidden) wrap('span', hidden, 'spoiler');
    else wrap('em', star ?? low);
  }
  if (end < text.length) say(text.slice(end));
  return nodes;
}

// ago shows a moment as Discord does most: how long it is ago.
function ago(seconds) {
  const minutes = Math.max(0, Math.round((Date.now() / 1000 - seconds) / 60));
  const words = minutes < 1 ? 'a moment ago' : minutes < 60 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
  return h('time', { datetime: new Date(1000 * seconds).toISOString() }, words);
}

const starts = { '> ': 'blockquote', '- ': 'ul', '* ': 'ul', '# ': 'h4', '## ': 'h4', '### ': 'h4', '-# ': 'small' };

/** discord renders a whole text: paragraphs, headings, quotes, lists and code. */
export function discord(text, people) {
  const nodes = [];
  text.split(/```(?:[a-z]+\n)?\n?([\s\S]+?)\n?```/).forEach((part, i) => {
    if (i % 2) nodes.push(h('pre', {}, part));
    else nodes.push(...groups(part, people));
  });
  return nodes;
}

// groups puts lines of one kind together.
function groups(text, people) {
  const nodes = [];
  let kind = 'p';
  let lines = [];
  const flush = () => {
    const body = lines.join('\n').replace(/^\n+|\n+$/g, '');
    const items = lines;
    lines = [];
    if (!body.trim()) return;
    if (kind === 'ul' || kind === 'ol') nodes.push(h(kind, {}, items.map((line) => h('li', {}, ...spans(line, people)))));
    else if (kind === 'blockquote') nodes.push(h(kind, {}, h('p', {}, ...spans(body, people))));
    else nodes.push(h(kind, { class: kind === 'small' && 'context' }, ...spans(body, people)));
  };
  for (const line of text.split('\n')) {
    const [start] = /^(?:> |[-*] |#{1,3} |-# |\d+\. )/.exec(line) ?? [''];
    const next = /^\d/.test(start) ? 'ol' : (starts[start] ?? 'p');
    if (next !== kind) flush();
    kind = next;
    lines.push(line.slice(start.length));
  }
  flush();
  return nodes;
}

/** embeds renders an app's message: its text, its embeds, and what can be pressed under it. */
export function embeds(m, people, press) {
  const { content, embeds: list = [], components = [] } = m.blocks;
  const nodes = content ? discord(content, people) : [];
  if (!content && !list.length && m.text) nodes.push(h('p', {}, m.text));
  for (const { author, title, description, color } of list) {
    const box = h(
      'div',
      { class: 'embed' },
      author && h('p', { class: 'speaker' }, h('b', {}, author.name)),
      title && h('p', {}, h('b', {}, title)),
      ...discord(description ?? '', people),
    );
    if (color) box.style.borderColor = `#${color.toString(16).padStart(6, '0')}`;
    nodes.push(box);
  }
  for (const row of components) nodes.push(h('div', { class: 'acts' }, (row.components ?? []).map((part) => control(part, press))));
  return nodes;
}

function control(part, press) {
  if (part.url) return link(part.url, part.label);
  if (part.type === 2) {
    const style = { 1: ' primary', 4: ' danger' }[part.style] ?? '';
    return h('button', { type: 'button', class: `act${style}`, disabled: part.disabled, onclick: () => press(part.custom_id, '') }, part.label);
  }
  const label = part.placeholder ?? 'Choose';
  return h(
    'select',
    { 'aria-label': label, onchange: (event) => { press(part.custom_id, event.target.value); event.target.value = ''; } },
    h('option', { value: '', selected: true }, label),
    (part.options ?? []).map((option) => h('option', { value: option.value }, option.label)),
  );
}
