import type { Api, Entry } from './api';
import { exclusive } from './store';
import { follow } from './stream';
import type { Event } from './stream';

/** How many sequence numbers back a first look reaches. */
const REACH = 100;
/** How many entries are asked for at once. */
const PAGE = 200;

/**
 * Live brings the entries: first what is there, then what comes. One tab of the browser holds the stream
 * and passes its events on, because a browser grants few connections to one host; the tab that comes
 * into view takes it over.
 */
export class Live {
  /** Everything after this entry is still to come; everything from `start` to it is here. */
  cursor = 0;
  start = 0;
  private loaded = false;
  private waiting = false;
  private leading?: AbortController;
  private readonly channel?: BroadcastChannel;

  constructor(
    private readonly name: string,
    private readonly api: Api,
    private readonly onEntry: (entry: Entry) => void,
    private readonly onSignal: (type: string, data: any) => void,
    private readonly onConnected: (connected: boolean) => void,
  ) {
    try {
      this.channel = new BroadcastChannel('skein:' + name);
      this.channel.onmessage = ({ data }) => this.take(data);
    } catch {
      // Without a channel every tab follows for itself.
    }
  }

  /** leads tells whether this tab holds the stream. */
  get leads(): boolean {
    return !!this.leading;
  }

  /** load fetches what came since the last look. last is the newest number known to the session. */
  async load(last = 0): Promise<void> {
    if (!this.loaded) this.start = this.cursor = Math.max(0, last - REACH);
    this.cursor = Math.max(this.cursor, await this.fetch(this.cursor));
    this.loaded = true;
  }

  /** earlier fetches the entries before the oldest one here. */
  async earlier(): Promise<Entry[]> {
    const answer = await this.api.call(`messages?before=${this.start + 1}&limit=${PAGE}`);
    const { entries, before }: { entries: Entry[]; before: number } = await answer.json();
    this.start = Math.max(0, before - 1);
    return entries;
  }

  /** follow begins to follow the stream. */
  follow(): void {
    void this.run(document.visibilityState === 'visible' && !!this.channel);
  }

  // run holds the stream: at once when it may take it, else when the tab that has it goes away.
  private async run(take: boolean): Promise<void> {
    if (!take && this.waiting) return;
    if (!take) this.waiting = true;
    const turn = async () => {
      if (!take) this.waiting = false;
      const leading = (this.leading = new AbortController());
      await follow(
        this.api,
        leading.signal,
        () => this.cursor,
        (event) => this.take(event, true),
        this.onConnected,
        () => void this.lookAgain().catch(() => {}),
      );
    };
    try {
      await exclusive('stream:' + this.name, turn, { steal: take });
    } catch {
      this.leading?.abort(); // another tab came into view and took the stream
      this.leading = undefined;
      void this.run(false);
      // What this one was sent and has not read, the other has from its first look, and does not pass on.
      if (this.loaded) this.load().catch(() => {});
    }
  }

  /** lookAgain is called when this tab comes into view: it takes the stream and what it may have missed. */
  async lookAgain(): Promise<void> {
    if (!this.loaded) return;
    if (!this.leading) this.follow();
    await this.load();
  }

  private async fetch(after: number): Promise<number> {
    for (;;) {
      const answer = await this.api.call(`messages?after=${after}&limit=${PAGE}`);
      const { entries, last_seq }: { entries: Entry[]; last_seq: number } = await answer.json();
      // An empty answer ends it, unless it only says that the next numbers are not for the visitor.
      if (!entries.length && last_seq <= after) return after;
      if (!entries.length) after = last_seq;
      for (const entry of entries) {
        this.onEntry(entry);
        after = Math.max(after, entry.seq);
      }
    }
  }

  private take(event: Event, own = false): void {
    if (own) this.channel?.postMessage(event);
    const data = JSON.parse(event.data);
    if (event.type !== 'entry') return this.onSignal(event.type, data);
    this.onEntry(data);
    // A passed-on entry says nothing of those before it, which the tab that has the stream may have fetched.
    if (own) this.cursor = Math.max(this.cursor, data.seq);
  }
}
