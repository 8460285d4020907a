// Block Kit as document nodes (https://docs.slack.dev/reference/block-kit/blocks). What is not known is shown as
// nothing: the message's text, which every app sends beside its blocks, is the fallback of the caller.
import { h } from './dom.js';
import { emoji } from './emoji.js';
import { link, mention, mrkdwn, spans } from './mrkdwn.js';

/** blocks renders a list of blocks. press(id, choice, block) is called when one of their elements is used. */
export function blocks(list, people, press) {
  const nodes = [];
  for (const block of list) {
    const make = kinds[block.type];
    if (make) nodes.push(...[make(block, people, (id, choice) => press(id, choice, block.block_id))].flat().filter(Boolean));
  }
  return nodes;
}

const kinds = {
  section: (block, people, press) => {
    const body = h('div', {}, block.text && words(block.text, people), block.fields && h('div', { class: 'fields' }, block.fields.map((field) => h('div', {}, words(field, people)))));
    const control = block.accessory && element(block.accessory, press);
    return control ? h('div', { class: 'section' }, body, control) : body;
  },
  header: (block) => h('h4', {}, block.text.text),
  divider: () => h('hr'),
  markdown: (block, people) => mrkdwn(block.text, people),
  context: (block, people) =>
    h('div', { class: 'context' }, block.elements.map((part) => (part.type === 'image' ? picture(part, '') : h('span', {}, ...(part.type === 'mrkdwn' ? spans(part.text, people) : [part.text]))))),
  actions: (block, people, press) => h('div', { class: 'acts' }, block.elements.map((part) => element(part, press))),
  image: (block) => [block.title && h('p', { class: 'context' }, block.title.text), picture(block, 'picture')],
  rich_text: (block, people) => block.elements.map((part) => rich(part, people)).filter(Boolean),
};

function words(text, people) {
  return text.type === 'mrkdwn' ? mrkdwn(text.text, people) : h('p', {}, text.text);
}

// Pictures come from this page's own address only; others are named and linked.
function picture(part, style) {
  const address = part.image_url ?? '';
  if (address.startsWith(location.origin + '/') || address.startsWith('data:image/')) {
    return h('img', { class: style, src: address, alt: part.alt_text ?? '', loading: 'lazy' });
  }
  return h('span', {}, link(address, part.alt_text));
}

function element(part, press) {
  const label = part.text?.text ?? part.placeholder?.text ?? 'Choose';
  if (part.type === 'button') {
    return h('button', { type: 'button', class: `act ${part.style ?? ''}`.trim(), onclick: () => press(part.action_id, '') }, label);
  }
  if (part.type === 'image') return picture(part, 'picture');
  const options = (part.options ?? []).map((option) => h('option', { value: option.value }, option.text.text));
  return h(
    'select',
    { 'aria-label': label, onchange: (event) => { press(part.action_id, event.target.value); event.target.value = ''; } },
    h('option', { value: '', selected: true }, part.type === 'overflow' ? 'More' : label),
    options,
  );
}

function rich(part, people) {
  const inner = () => (part.elements ?? []).map((leaf) => span(leaf, people));
  switch (part.type) {
    case 'rich_text_section':
      return h('p', {}, ...inner());
    case 'rich_text_preformatted':
      return h('pre', {}, ...inner());
    case 'rich_text_quote':
      return h('blockquote', {}, h('p', {}, ...inner()));
    case 'rich_text_list':
      return h(part.style === 'ordered' ? 'ol' : 'ul', {}, part.elements.map((item) => h('li', {}, ...item.elements.map((leaf) => span(leaf, people)))));
    default:
      return null;
  }
}

const leaves = {
  text: (leaf) => leaf.text,
  link: (leaf) => link(leaf.url, leaf.text),
  user: (leaf, people) => mention('@' + (people.get(leaf.user_id) ?? leaf.user_id)),
  channel: (leaf) => mention('#' + leaf.channel_id),
  usergroup: (leaf) => mention('@' + leaf.usergroup_id),
  broadcast: (leaf) => mention('@' + leaf.range),
  emoji: (leaf) => emoji(leaf.name),
  date: (leaf) => leaf.fallback ?? new Date(leaf.timestamp * 1000).toLocaleString(),
  color: (leaf) => leaf.value,
};

const styles = { code: 'code', strike: 's', italic: 'em', bold: 'strong' };

function span(leaf, people) {
  let node = leaves[leaf.type]?.(leaf, people) ?? '';
  for (const [style, tag] of Object.entries(styles)) if (leaf.style?.[style]) node = h(tag, {}, node);
  return node;
}
