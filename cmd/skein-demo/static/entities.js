// Text of Telegram with its entities as document nodes. Every character becomes text; offsets are UTF-16 units, as in
// JavaScript (https://core.telegram.org/bots/api#messageentity).
import { h } from './dom.js';
import { link } from './mrkdwn.js';

const tags = { bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code', pre: 'pre', blockquote: 'blockquote', expandable_blockquote: 'blockquote', spoiler: 'span' };

/** entities renders a text as one paragraph. */
export function entities(text, list) {
  if (!text) return [];
  const sorted = [...list].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return [h('p', {}, ...within(text, 0, text.length, sorted))];
}

function within(text, start, end, list) {
  const nodes = [];
  let at = start;
  while (list.length) {
    const [entity, ...rest] = list;
    const stop = entity.offset + entity.length;
    const inner = rest.filter((e) => e.offset < stop);
    list = rest.filter((e) => e.offset >= stop);
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    at = Math.min(stop, end);
    nodes.push(wrap(entity, within(text, entity.offset, at, inner), text.slice(entity.offset, at)));
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrap({ type, url }, nodes, text) {
  if (tags[type]) return h(tags[type], { class: type === 'spoiler' && 'spoiler' }, ...nodes);
  if (type === 'text_link') return link(url, text);
  if (type === 'url') return link(/^[a-z]+:/i.test(text) ? text : `https://${text}`, text);
  if (type === 'email') return link(`mailto:${text}`, text);
  if (type === 'bot_command' || type === 'mention' || type === 'hashtag') return h('span', { class: 'command' }, ...nodes);
  return h('span', {}, ...nodes);
}
