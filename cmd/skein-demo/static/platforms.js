// What sets the platforms apart: how they write text, and what their clients offer.
import { blocks } from './blocks.js';
import { discord, embeds } from './discord.js';
import { entities } from './entities.js';
import { h } from './dom.js';
import { mrkdwn, plain } from './mrkdwn.js';

/**
 * platforms by name:
 *   title
 *   content(m, people, press)  the nodes of a message; press(id, choice) uses what can be pressed in it
 *   speaker(m)                 who stands above a message
 *   source(m)                  what a person edits
 *   answers                    whether a message can answer another
 *   commands                   the kinds of panes in which a slash begins a command
 *   texts(form, people)        what a form says besides its fields
 */
export const platforms = {
  slack: {
    title: 'Slack',
    content(m, people, press) {
      const nodes = m.blocks ? blocks(m.blocks, people, press) : [];
      return nodes.length ? nodes : mrkdwn(m.source ?? m.text, people);
    },
    speaker: (m) => m.author,
    source: (m) => plain(m.source ?? m.text),
    answers: false,
    commands: ['channel'],
    texts: (form, people, press) => blocks(form.blocks, people, press),
    home: true,
  },
  discord: {
    title: 'Discord',
    content: (m, people, press) => (m.blocks ? embeds(m, people, press) : discord(m.source ?? m.text, people)),
    speaker: (m) => m.blocks?.name ?? m.author,
    source: (m) => m.source ?? m.text,
    answers: true,
    commands: ['channel', 'thread'],
    texts: (form, people) => (form.texts ?? []).flatMap((text) => discord(text, people)),
  },
  telegram: {
    title: 'Telegram',
    content: (m, people, press) => [
      ...entities(m.text.replace(/^(\/start) .+/, '$1'), m.blocks ?? []), // what a link carried is not shown
      ...(m.buttons ? [h('div', { class: 'acts' }, m.buttons.map((b) => h('button', { type: 'button', class: 'act', onclick: () => press(b.id, '') }, b.text)))] : []),
    ],
    speaker: (m) => m.author,
    source: (m) => m.text,
    answers: true,
    commands: ['channel'],
  },
};
