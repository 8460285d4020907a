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

  /** add takes an entry and returns the seq of the entry to draw again, or undefined for one already known. */
  add(entry: Entry): number | undefined {
    const known = this.entries.get(entry.seq);
    // A line's own answer knows no html: the entry that brings it replaces it.
    if (known && (known.html !== undefined || entry.html === undefined)) return undefined;
    this.entries.set(entry.seq, entry);
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
    const { text, html, language, translated_from, files } = change; // files that it does not name are gone
    return { ...entry, text, html, language, translated_from, files, edited: true, deleted };
  }

  get(seq: number): Entry | undefined {
    return this.entries.get(seq);
  }

  all(): Entry[] {
    return [...this.entries.values()].sort((a, b) => a.seq - b.seq);
  }

  /** answered is the newest line of an agent or the robot; what came before it was seen. */
  answered(): number {
    return Math.max(0, ...this.answers().map((entry) => entry.seq));
  }

  unread(read: number): number {
    return this.answers().filter((entry) => entry.seq > read && !this.said(entry.seq)?.deleted).length;
  }

  /** closed is the newest closing after which the visitor has written nothing, or 0. */
  closed(): number {
    let closed = 0;
    let said = 0;
    for (const { seq, kind, state, by } of this.entries.values()) {
      if (state === 'closed') closed = Math.max(closed, seq);
      if (kind === 'said' && by.kind === 'visitor') said = Math.max(said, seq);
    }
    return closed > said ? closed : 0;
  }

  clear(): void {
    this.entries.clear();
    this.changes.clear();
  }

  private answers(): Entry[] {
    return [...this.entries.values()].filter(
      ({ kind, by }) => kind === 'said' && (by.kind === 'agent' || by.kind === 'robot'),
    );
  }

  // An edit may name another edit of the same line; the line is what is drawn.
  private origin(seq: number): number {
    const { kind, target } = this.entries.get(seq) ?? {};
    return target === undefined || kind === 'said' ? seq : this.origin(target);
  }
}
