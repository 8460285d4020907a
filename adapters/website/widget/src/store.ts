// What survives a reload: the token, lines not yet sent, the last line read, a draft. All of it lives in
// this origin's localStorage, apart for each endpoint and each person the site vouches for; where the browser
// refuses storage, in memory.

/** What the visitor wrote and the server has not: lines and the draft. */
const UNSENT = /^(line:|draft$)/;
/** The number in a line, and what is before it. */
const NUMBER = /^({"key".*),"after":\d+/;

const memory = new Map<string, string>();

function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

export class Store {
  constructor(private readonly prefix: string) {}

  get(key: string): string | null {
    return memory.get(key) ?? storage()?.getItem(this.prefix + key) ?? null;
  }

  /** set keeps value, in memory when the storage is refused or full. */
  set(key: string, value: string): void {
    try {
      localStorage.setItem(this.prefix + key, value);
      memory.delete(key);
    } catch {
      memory.set(key, value);
    }
  }

  /**
   * settle makes this store the only one of its endpoint: nobody else's token or lines stay. What an anonymous
   * visitor has not sent yet comes along when they sign in, and so does that of the person named.
   */
  settle(endpoint: string, person?: string): void {
    const own = 'skein:' + endpoint + ':';
    for (const key of Object.keys(storage() ?? {})) {
      const [, owner = '', name] = /^(@[^:]*:)?(.*)$/s.exec(key.slice(own.length))!;
      if (!key.startsWith(own) || own + owner === this.prefix) continue;
      const value = localStorage.getItem(key)!;
      localStorage.removeItem(key);
      // Numbers are of the conversation that is left.
      if ((!owner || owner === person) && UNSENT.test(name)) this.set(name, value.replace(NUMBER, '$1'));
    }
  }

  /** clear forgets everything. */
  clear(): void {
    for (const key of this.keys('')) this.remove(key);
  }

  remove(key: string): void {
    memory.delete(key);
    storage()?.removeItem(this.prefix + key);
  }

  /** keys returns the stored keys that start with head, sorted. */
  keys(head: string): string[] {
    const found = new Set(memory.keys());
    for (const key of Object.keys(storage() ?? {})) {
      if (key.startsWith(this.prefix)) found.add(key.slice(this.prefix.length));
    }
    return [...found].filter((key) => key.startsWith(head)).sort();
  }

  /** onChange calls back when another tab changes a key of this endpoint. */
  onChange(call: (key: string) => void): void {
    addEventListener('storage', ({ key }) => key?.startsWith(this.prefix) && call(key.slice(this.prefix.length)));
  }
}

/**
 * exclusive runs work while no other tab of this origin runs work under the same name. Where the browser
 * has no locks it just runs: the server's idempotency keys still keep every line single.
 */
export async function exclusive<T>(name: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  if (!navigator.locks) return work();
  let started = false;
  try {
    return (await navigator.locks.request('skein:' + name, options, () => ((started = true), work()))) as T;
  } catch (error) {
    if (started) throw error;
    return work(); // locks are refused where storage is
  }
}
