import { delay } from './api';
import type { Api } from './api';
import { pause } from './wait';

/** One server-sent event. */
export interface Event {
  id?: string;
  type: string;
  data: string;
}

/** The server writes at least every 25 s; a stream that is silent for longer than this is dead. */
const SILENCE = 40_000;

/** parser returns a function that takes text as it arrives and calls back with every whole event. */
export function parser(emit: (event: Event) => void): (text: string) => void {
  let rest = '';
  let event: Event = { type: 'message', data: '' };
  let lines: string[] = [];
  return (text) => {
    const parts = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop()!;
    for (const line of parts) {
      if (!line) {
        if (lines.length) emit({ ...event, data: lines.join('\n') });
        event = { type: 'message', data: '' };
        lines = [];
        continue;
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
      if (field === 'data') lines.push(value);
      if (field === 'event') event.type = value;
      if (field === 'id') event.id = value;
    }
  };
}

/**
 * follow keeps one stream open until signal aborts. Each connection resumes after cursor(); live tells
 * whether the stream is connected. missed is called after a connection that has brought nothing: where none can be
 * had, or something on the way keeps what comes, it has to be asked for.
 */
export async function follow(
  api: Api,
  signal: AbortSignal,
  cursor: () => number,
  emit: (event: Event) => void,
  live: (connected: boolean) => void,
  missed: () => void,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    const connection = new AbortController();
    const end = () => connection.abort();
    signal.addEventListener('abort', end);
    addEventListener('online', end); // what was open before the network went may be dead and not know it
    let trouble: unknown;
    let silent = true;
    let dog = setTimeout(end, SILENCE);
    try {
      const headers = { Accept: 'text/event-stream', 'Last-Event-ID': String(cursor()) };
      const answer = await api.call('stream', { headers, signal: connection.signal });
      live(true);
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      const parse = parser(emit);
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        silent = false;
        attempt = 0;
        clearTimeout(dog);
        dog = setTimeout(end, SILENCE);
        parse(value);
      }
    } catch (error) {
      trouble = error; // whatever ended the connection, the answer is the next one
    }
    clearTimeout(dog);
    signal.removeEventListener('abort', end);
    removeEventListener('online', end);
    if (signal.aborted) return;
    live(false);
    if (silent) missed();
    await pause(delay(trouble, attempt));
  }
}
