import type { Api, Entry } from './api';
import { h } from './dom';
import type { Words } from './i18n';
import type { Log } from './log';

/** save gives the visitor the whole conversation, as it stands, as a text file. log is an empty one to use. */
export async function save(api: Api, words: Words, log: Log, title: string): Promise<void> {
  const seqs: number[] = [];
  for (let after = -1, next = 0; next !== after; ) {
    after = next;
    const answer = await api.call(`messages?after=${after}&limit=200`);
    const { entries, last_seq }: { entries: Entry[]; last_seq: number } = await answer.json();
    for (const entry of entries) {
      log.add(entry);
      seqs.push(entry.seq);
    }
    next = last_seq;
  }
  const lines = [title];
  let day = '';
  for (const seq of seqs) {
    const said = log.said(seq);
    const entry = said ?? log.get(seq)!;
    if (said?.deleted || !(said || (entry.kind === 'state' && entry.text))) continue;
    if (day !== words.day(entry.at)) lines.push('', (day = words.day(entry.at)), '');
    const { kind, name } = entry.by;
    const who = kind === 'visitor' ? words.say('you') : name || words.say(kind === 'robot' ? 'robot' : 'title');
    const parts = [entry.text, ...(entry.files ?? []).map((file) => `[${file.name}]`)].filter(Boolean);
    const edited = said?.edited ? ` (${words.say('edited')})` : '';
    lines.push(`${words.time(entry.at)}  ${said ? who + ': ' : ''}${parts.join('\n')}${edited}`);
  }
  const href = URL.createObjectURL(new Blob([lines.join('\n') + '\n'], { type: 'text/plain;charset=utf-8' }));
  const today = new Date().toISOString().slice(0, 10);
  h('a', { href, download: `${title} ${today}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
