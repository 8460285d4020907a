import { Api, Problem, delay } from './api';
import type { File } from './api';
import { Store, exclusive } from './store';
import { pause, wake } from './wait';

/** Line is something the visitor wrote that the server has not yet confirmed. */
export interface Line {
  key: string; // the Idempotency-Key of every attempt
  text: string;
  files: File[];
  at: string;
  after?: number; // the newest entry known when it was written: its own entry comes later. Missing where that was in another conversation
  tried?: boolean; // it may have reached the server
  refused?: string; // why the server will not have it
}

/** What the server answered for a line. */
export interface Sent {
  seq: number;
  at: string;
}

const HEAD = 'line:';
/** After how many attempts in vain the visitor is given a choice. */
const STUCK = 3;

/**
 * Queue sends the visitor's lines one after another in the order they were written. Every line is one
 * stored item, so it survives a reload and two tabs can add at once; one tab at a time sends for all.
 */
export class Queue {
  /** Whether lines do not get through, although they are tried again and again. */
  stuck = false;
  private running = false;

  constructor(
    private readonly name: string,
    private readonly store: Store,
    private readonly api: Api,
    private readonly onChange: () => void,
    private readonly onSent: (line: Line, sent: Sent) => void,
  ) {}

  /** holds tells whether a stored key belongs to a queue. */
  static holds(key: string): boolean {
    return key.startsWith(HEAD);
  }

  /** lines returns what is not yet confirmed, oldest first, refused lines included. */
  lines(): Line[] {
    return this.slots().map(([, line]) => line);
  }

  add(text: string, files: File[], after: number): void {
    const slots = this.store.keys(HEAD);
    // Later than every stored line, whatever the clock does.
    const last = Number(slots.at(-1)?.slice(HEAD.length)) || 0;
    const slot = Math.max(Date.now(), last + 1);
    const line: Line = { key: newKey(), text, files, at: new Date().toISOString(), after };
    this.store.set(HEAD + slot, JSON.stringify(line));
    this.onChange();
    void this.flush();
  }

  /** retry gives a line another chance, under its own key: whatever happened to it, it stays one line. */
  retry(key: string): void {
    const found = this.find(key);
    if (!found) return;
    const [slot, line] = found;
    this.store.set(slot, JSON.stringify({ ...line, refused: undefined }));
    this.stuck = false;
    wake();
    this.onChange();
    void this.flush();
  }

  remove(key: string): void {
    const found = this.find(key);
    if (found) this.store.remove(found[0]);
    this.onChange();
  }

  /** flush sends until nothing is left to send. It returns at once when this tab is already sending. */
  async flush(): Promise<void> {
    if (this.running || !this.next()) return;
    this.running = true;
    try {
      await exclusive('send:' + this.name, () => this.send());
    } finally {
      this.running = false;
    }
    if (this.next()) void this.flush();
  }

  private async send(): Promise<void> {
    for (let attempt = 0, next; (next = this.next());) {
      const [slot, line] = next;
      if (!line.tried) this.store.set(slot, JSON.stringify({ ...line, tried: true }));
      try {
        const body = { text: line.text, files: line.files.length ? line.files.map(({ id }) => id) : undefined };
        const answer = await this.api.post('messages', body, { 'Idempotency-Key': line.key });
        this.stuck = false;
        this.settle(slot, line, await answer.json());
        attempt = 0;
      } catch (error) {
        if (error instanceof Problem && error.final) {
          // The visitor may have taken it back meanwhile.
          if (this.find(line.key)) this.store.set(slot, JSON.stringify({ ...line, refused: error.detail }));
          this.onChange();
          continue;
        }
        if (++attempt >= STUCK && !this.stuck) {
          this.stuck = true;
          this.onChange();
        }
        await pause(delay(error, attempt - 1));
      }
    }
  }

  private settle(slot: string, line: Line, sent: Sent): void {
    this.store.remove(slot);
    for (const [other, later] of this.slots()) {
      if (later.after! < sent.seq || sent.seq <= line.after!) {
        this.store.set(other, JSON.stringify({ ...later, after: sent.seq }));
      }
    }
    this.onSent(line, sent);
  }

  private next(): [string, Line] | undefined {
    return this.slots().find(([, line]) => line.refused === undefined);
  }

  private find(key: string): [string, Line] | undefined {
    return this.slots().find(([, line]) => line.key === key);
  }

  private slots(): [string, Line][] {
    return this.store.keys(HEAD).flatMap((slot) => {
      const value = this.store.get(slot);
      return value ? [[slot, JSON.parse(value)] as [string, Line]] : [];
    });
  }
}

// randomUUID exists only where the page is served securely; the bytes exist everywhere.
export function newKey(): string {
  return (
    crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
  );
}
