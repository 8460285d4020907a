import type { Entry } from './api';

/** A said entry as it stands now, edits and deletion applied. */
export interface Said extends Entry {
  edited: boolean;
  deleted: boolean;
}

/** Log holds the entries received, each once, and knows what they add up to. */
export class Log {
  private readonly entries = new Map<number, Entry>();
  private readonly changes = new Map<number, Entry>(); // newest change by what it changes
  /** The newest line of an agent or the robot; what came before it was seen. */
  answered = 0;
  private asked = 0; // the visitor's newest line
  private ended = 0; // the newest closing

  /** add takes an entry and returns the seq of the entry to draw again, or undefined for one already known. */
  add(entry: Entry): number | undefined {
    const known = this.entries.get(entry.seq);
    // A line's own answer knows no html: the entry that brings it replaces it.
    if (known && (known.html !== undefined || entry.html === undefined)) return undefined;
    const { seq, kind, by, state } = entry;
    this.entries.set(seq, entry);
    if (state === 'closed') this.ended = Math.max(this.ended, seq);
    if (kind === 'said' && by.kind === 'visitor') this.asked = Math.max(this.asked, seq);
    if (answers(entry)) this.answered = Math.max(this.answered, seq);
    if (entry.target === undefined || entry.kind === 'said') return entry.seq; // a line may name the one it answers
    const target = this.origin(entry.target);
    const newest = this.changes.get(target);
    if (!newest || newest.seq < entry.seq) this.changes.set(target, entry);
    return target;
  }

  /** said returns a said entry as it stands now. */
  said(seq: number): Said | undefined {
    const entry = this.entries.get(seq);
    if (entry?.kind !== 'said') return undefined;
    const change = this.changes.get(seq);
    const deleted = change?.kind === 'deleted';
    if (!change || deleted) return { ...entry, edited: false, deleted };
    const { text, html, language, translated_from, original, files } = change; // files that it does not name are gone
    return { ...entry, text, html, language, translated_from, original, files, edited: change.original?.text !== entry.text, deleted };
  }

  get(seq: number): Entry | undefined {
    return this.entries.get(seq);
  }

  unread(read: number): number {
    if (read >= this.answered) return 0;
    const unread = (entry: Entry) => entry.seq > read && answers(entry) && !this.said(entry.seq)?.deleted;
    return [...this.entries.values()].filter(unread).length;
  }

  /** closed is the newest closing after which the visitor has written nothing, or 0. */
  get closed(): number {
    return this.ended > this.asked ? this.ended : 0;
  }

  // An edit may name another edit of the same line; the line is what is drawn.
  private origin(seq: number): number {
    const { kind, target } = this.entries.get(seq) ?? {};
    return target === undefined || kind === 'said' ? seq : this.origin(target);
  }
}

function answers({ kind, by }: Entry): boolean {
  return kind === 'said' && (by.kind === 'agent' || by.kind === 'robot');
}
