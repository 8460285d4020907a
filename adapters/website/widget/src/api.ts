import type { Page, Profile } from './protocol';
import { Store, exclusive } from './store';
import { backoff } from './wait';

export interface Person {
  kind: 'visitor' | 'agent' | 'robot' | 'system';
  name: string;
  avatar?: string;
}

export interface File {
  id: string;
  name: string;
  type: string;
  size: number;
  width?: number;
  height?: number;
}

export interface Entry {
  seq: number;
  kind: 'said' | 'edited' | 'deleted' | 'state';
  target?: number;
  by: Person;
  text: string;
  html?: string;
  language?: string;
  translated_from?: string;
  original?: { text: string }; // what was translated
  choices?: string[]; // what can be answered by one press
  files?: File[];
  state?: string; // of a state entry
  at: string;
}

/** Ask is something to ask the visitor for. */
export interface Ask {
  name: string;
  type: string;
  label?: string;
  required?: boolean;
  options?: string[];
}

export interface Session {
  token: string;
  visitor: { id: string; name: string; verified: boolean };
  conversation: { id: string; state: string; last_seq: number; seen?: number } | null;
  settings: {
    title?: string;
    greeting?: string;
    away?: string;
    form?: Ask[];
    offline?: Ask[];
    accent?: string;
    position?: string;
    tombstone?: boolean;
    telegram?: boolean;
    max_text?: number;
    max_file_size?: number;
  };
  online: boolean;
  opens_at?: string;
}

/** How long an answer may take. */
const PATIENCE = 30_000;

/** Problem is a refusal by the server, as its problem document tells it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retryAfter: number,
  ) {
    super(detail);
  }

  /** final: the same request would be refused again. */
  get final(): boolean {
    return this.status >= 400 && this.status < 500 && ![401, 408, 425, 429].includes(this.status);
  }
}

/** delay is the pause in milliseconds before attempt n + 1: what was asked for, up to a minute, else a growing one. */
export function delay(error: unknown, attempt: number): number {
  return (error instanceof Problem && Math.min(error.retryAfter, 60) * 1000) || backoff(attempt);
}

/** Who and where the visitor is; sent with every session call. */
export interface Introduction {
  page?: Page;
  locale?: string;
  identity?: string;
  profile?: Profile;
}

/** Api speaks to one endpoint and holds the visitor's session. */
export class Api {
  introduction: Introduction = {};
  private renewal?: Promise<Session>;
  private vouched = false; // the server has taken the site's word in this page

  constructor(
    private readonly base: string,
    private readonly store: Store,
    private readonly onSession: (session: Session) => void,
    /** Gives another identity of the same person, or leaves the document and never returns. */
    private readonly onRefused: (problem: Problem) => Promise<string>,
  ) {}

  /** token is what the visitor proves itself with. Where the site names the visitor, the server decides first. */
  get token(): string | null {
    return this.introduction.identity && !this.vouched ? null : this.store.get('token');
  }

  /** session opens or renews the session; calls at the same time, in any tab, share one token. */
  session(): Promise<Session> {
    this.renewal ??= exclusive('session:' + this.base, async () => {
      const answer = await this.open();
      const session: Session = await answer.json();
      this.vouched = true;
      this.store.set('token', session.token);
      this.onSession(session);
      return session;
    }).finally(() => (this.renewal = undefined));
    return this.renewal;
  }

  private async open(): Promise<Response> {
    const { token, introduction } = this;
    const { page, locale } = introduction;
    // The site's word grows old while the page is open; then the token it led to speaks for the visitor.
    const body =
      token && introduction.identity ? { token, page, locale } : { token: token ?? undefined, ...introduction };
    try {
      return await this.request('sessions', { method: 'POST', body: JSON.stringify(body) });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'identity') throw error;
      introduction.identity = await this.onRefused(error); // whoever waits for this session must not ask again
      return this.open();
    }
  }

  /** call makes a request as the visitor, with fetch or what stands for it. A session refused on the way is renewed once. */
  async call(path: string, init: RequestInit = {}, send = fetch): Promise<Response> {
    let token = this.token ?? (await this.session()).token;
    for (let renewed = false; ; renewed = true) {
      try {
        return await this.request(path, init, token, send);
      } catch (error) {
        if (renewed || !(error instanceof Problem) || error.status !== 401) throw error;
        const current = this.token; // another tab may have renewed it already
        if (current === token) this.vouched = false;
        token = current && current !== token ? current : (await this.session()).token;
      }
    }
  }

  /** post sends a JSON body as the visitor, also when the page is left at the same moment. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.call(path, { method: 'POST', body: JSON.stringify(body), headers, keepalive: true });
  }

  private async request(path: string, init: RequestInit, token?: string, send = fetch): Promise<Response> {
    const headers = new Headers(init.headers);
    if (typeof init.body === 'string') headers.set('Content-Type', 'application/json');
    if (token) headers.set('Authorization', 'Bearer ' + token);
    // What never comes must not hold up all tabs, which wait for one another. A file takes as long as it takes.
    const signal = path.startsWith('files') ? undefined : AbortSignal.timeout(PATIENCE);
    const answer = await send(this.base + path, { signal, ...init, headers, cache: 'no-store', credentials: 'omit' });
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    const wait = Number(problem.retry_after ?? answer.headers.get('Retry-After')) || 0;
    throw new Problem(answer.status, problem.code, problem.detail || problem.title || String(answer.status), wait);
  }
}
