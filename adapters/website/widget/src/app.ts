// The application in the frame. The loader's first message starts it; the page's frame-ancestors policy lets
// only an allowed site embed it, and so send one.
import { Api, Problem, delay } from './api';
import type { Entry, Session } from './api';
import { SKY, textOn } from './colour';
import { Composer } from './composer';
import { ICON, h, icon } from './dom';
import { owner, reason } from './identity';
import { Words } from './i18n';
import { Live } from './live';
import { Log } from './log';
import { MARK } from './mark';
import type { Page, Start, ToApp, ToHost } from './protocol';
import { Queue } from './queue';
import { Rating } from './rating';
import { Store } from './store';
import { Transcript } from './transcript';
import { pause, wake } from './wait';

/** How long "is writing" stays when nothing more is heard. */
const WRITING = 6_000;

type Init = Extract<ToApp, { skein: 'init' }>;

class App {
  private readonly words: Words;
  private readonly store: Store;
  private readonly api: Api;
  private readonly log = new Log();
  private readonly live: Live;
  private readonly queue: Queue;
  private readonly transcript: Transcript;
  private readonly composer: Composer;
  private readonly rating: Rating;
  private readonly panel = h('section', { role: 'dialog', 'aria-labelledby': 'skein-title', tabindex: '-1' });
  private readonly title = h('bdi');
  private readonly status = h('p', { id: 'skein-status' });
  private readonly writing = h('div', { id: 'skein-typing', 'aria-live': 'polite' });
  private readonly banner = h('div', { id: 'skein-banner', role: 'status', hidden: true });
  private held: Entry[] = [];
  private open: boolean;
  private visitor?: string;
  private conversation?: string;
  private connected = true;
  private refused?: string; // what the server says to a session it will not open
  private connecting = false;
  private following = false;
  private told?: string;

  constructor(
    endpoint: string,
    private readonly init: Init,
    private readonly tell: (message: ToHost) => void,
    start: Start,
  ) {
    this.open = init.open;
    this.words = new Words(init.locale || undefined);
    const { page, locale } = init;
    const identity = start ? undefined : init.identity;
    const profile = start.endsWith('out') ? undefined : init.profile;
    // Whom the site vouches for shares nothing with anybody else: no token, no line, no stream.
    const name = identity ? `${endpoint}:${owner(identity)}` : endpoint;
    this.store = new Store(`skein:${name}:`);
    this.store.settle(endpoint, start === '#refused' && init.identity ? owner(init.identity) + ':' : undefined);
    if (start === '?out') this.store.clear();
    const base = new URL(`../v1/website/${endpoint}/`, location.href).href;
    this.api = new Api(
      base,
      this.store,
      (session) => this.meet(session),
      (problem) => {
        console.warn(
          'Skein: data-identity was refused, the visitor goes on without it: ' + reason(init.identity!, problem.detail),
        );
        location.hash = 'refused';
        location.reload();
      },
    );
    this.api.introduction = { page, locale, identity, profile };
    this.queue = new Queue(
      name,
      this.store,
      this.api,
      () => this.lines(),
      (line, sent) => this.sent(line.text, line.files, sent),
    );
    this.live = new Live(
      name,
      this.api,
      (entry) => this.receive(entry),
      (type, data) => this.signal(type, data),
      (up) => this.connection(up),
    );
    this.rating = new Rating(this.words, this.api, () => this.transcript.toEnd());
    const acts = {
      retry: (key: string) => this.queue.retry(key),
      remove: (key: string) => {
        this.queue.remove(key);
        this.composer.focus();
      },
      visible: (seq: number) => this.read(seq),
    };
    this.transcript = new Transcript(this.words, this.log, this.api, acts, this.rating.element);
    this.composer = new Composer(this.words, this.api, this.store, (text, files) => {
      this.queue.add(text, files, this.live.cursor);
      this.transcript.toEnd();
    });
    this.build();
    this.look(init.accent);
    this.listen();
    this.lines();
    this.unread();
    if (this.open || this.store.get('token') || this.queue.lines().length) void this.connect();
  }

  /** show is called when the visitor opens or closes the panel. */
  show(open: boolean, page?: Page): void {
    this.open = open;
    this.unread();
    if (!open) return;
    const moved = !!page && page.url !== this.api.introduction.page?.url;
    if (page) this.api.introduction.page = page;
    if (moved && this.visitor) this.api.session().catch(() => {});
    void this.connect();
    this.transcript.toEnd();
    this.transcript.look();
    // On a touch screen focusing the input would cover the conversation with the keyboard.
    if (matchMedia('(pointer: coarse)').matches) this.panel.focus();
    else this.composer.focus();
  }

  private build(): void {
    const { words } = this;
    document.documentElement.lang = words.locale;
    document.documentElement.dir = words.direction;
    this.title.textContent = document.title = words.say('title');
    const close = h(
      'button',
      {
        type: 'button',
        class: 'icon',
        id: 'skein-close',
        'aria-label': words.say('close'),
        click: () => this.tell({ skein: 'close' }),
      },
      icon(ICON.close),
    );
    close.hidden = parent === window;
    const drop = h('div', { class: 'drop', hidden: true }, words.say('drop'));
    const header = h(
      'header',
      {},
      icon(MARK),
      h('div', {}, h('h1', { id: 'skein-title' }, this.title), this.status),
      close,
    );
    const { panel } = this;
    panel.append(header, this.banner, this.transcript.element, this.writing, this.composer.element, drop);
    panel.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.hidden = false;
    });
    panel.addEventListener('dragleave', (event) => (drop.hidden = event.relatedTarget !== null));
    panel.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.hidden = true;
      this.composer.attach(event.dataTransfer?.files);
    });
    document.body.replaceChildren(panel);
    this.transcript.earlier.addEventListener('click', () => this.earlier().catch(() => {}));
  }

  // earlier fetches older lines and leaves those in view where they are.
  private async earlier(): Promise<void> {
    const log = this.transcript.element;
    const below = log.scrollHeight - log.scrollTop;
    await this.live.earlier();
    this.settled();
    log.scrollTop = log.scrollHeight - below;
  }

  private look(accent?: string, side?: string): void {
    const root = document.documentElement;
    const choices = [accent, root.dataset.accent, SKY];
    const fill = choices.find((choice) => choice && CSS.supports('color', choice))!;
    const probe = h('i');
    probe.style.background = fill;
    document.body.append(probe);
    root.style.setProperty('--accent', fill);
    root.style.setProperty('--on-accent', textOn(probe));
    probe.remove();
    this.tell({ skein: 'look', accent: fill, side, title: this.title.textContent! });
  }

  private listen(): void {
    addEventListener(
      'keydown',
      (event) => event.key === 'Escape' && !event.isComposing && this.tell({ skein: 'close' }),
    );
    addEventListener('online', () => this.again());
    addEventListener('offline', () => this.warn());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.again());
    this.store.onChange((key) => {
      if (key === 'read') this.unread();
      // Another tab has begun anew, as somebody else.
      const visitor = this.store.get('visitor');
      if (key === 'visitor' && visitor && this.visitor && visitor !== this.visitor) location.reload();
      if (!Queue.holds(key)) return;
      this.lines();
      void this.queue.flush();
    });
    this.warn();
  }

  private again(): void {
    wake();
    this.warn();
    this.transcript.look();
    this.live.lookAgain().catch(() => {});
  }

  // connect opens the session, fetches what is there, and follows; it tries until it has.
  private async connect(): Promise<void> {
    if (this.connecting) return;
    this.connecting = true;
    for (let attempt = 0; ; attempt++) {
      try {
        const { conversation } = await this.api.session();
        await this.live.load(conversation?.last_seq);
        break;
      } catch (error) {
        this.refused = error instanceof Problem && error.final ? error.detail : undefined;
        this.connection(false);
        await pause(delay(error, attempt));
      }
    }
    this.refused = undefined;
    this.connection(true);
    this.settled();
    void this.queue.flush();
    if (!this.following) {
      this.following = true;
      this.live.follow();
    }
  }

  private settled(): void {
    this.transcript.whole = this.live.start === 0;
    this.unread();
  }

  private meet(session: Session): void {
    const { visitor, settings, online } = session;
    if (this.visitor && this.visitor !== visitor.id) {
      this.log.clear();
      this.transcript.clear();
      this.live.forget();
      this.rating.ask('', 0);
      this.connecting = false;
      queueMicrotask(() => void this.connect());
    }
    this.visitor = visitor.id;
    this.conversation = session.conversation?.id;
    if (this.store.get('visitor') !== visitor.id) {
      this.store.set('visitor', visitor.id);
      this.store.remove('read'); // numbers of another conversation
    }
    this.transcript.tombstone = !!settings?.tombstone;
    if (settings?.title) this.title.textContent = document.title = settings.title;
    if (settings?.greeting) this.transcript.greet(settings.greeting);
    if (settings?.max_text) this.composer.limit = settings.max_text;
    const seen = session.conversation?.seen ?? 0;
    if (seen > this.readUpTo()) this.store.set('read', String(seen));
    this.look(this.init.accent ?? settings?.accent, settings?.position);
    this.presence(online);
  }

  private receive(entry: Entry): void {
    if (this.waits(entry)) {
      this.held.push(entry);
      return;
    }
    const seq = this.log.add(entry);
    if (seq === undefined) return;
    if (entry.by.kind !== 'visitor') this.writing.textContent = '';
    this.transcript.draw(seq);
    this.unread();
    void this.rate();
  }

  // A conversation that began in this page has no name here until the session is asked for it.
  private async rate(): Promise<void> {
    if (this.log.closed() && !this.conversation) await this.api.session().catch(() => {});
    if (this.conversation) this.rating.ask(this.conversation, this.log.closed());
  }

  // While a line may have reached the server and its answer is still out, an own entry newer than the line
  // may be that line: it waits, so that nothing is seen twice.
  private waits(entry: Entry): boolean {
    if (entry.kind !== 'said' || entry.by.kind !== 'visitor') return false;
    const line = this.queue.lines().find(({ tried, refused }) => tried && refused === undefined);
    return !!line && entry.seq > line.after;
  }

  private lines(): void {
    const held = this.held;
    this.held = [];
    this.transcript.drawLines(this.queue.lines());
    for (const entry of held) this.receive(entry);
  }

  private sent(text: string, files: Entry['files'], { seq, at }: { seq: number; at: string }): void {
    const by = { kind: 'visitor', name: '' } as const;
    this.receive({ seq, kind: 'said', by, text, files, at });
    this.lines();
  }

  private signal(type: string, data: any): void {
    if (type === 'presence') {
      if (data.seen) this.transcript.seen = data.seen;
      if (data.online !== undefined) this.presence(data.online);
    }
    if (type === 'typing') {
      const who = data.by?.name || data.name || this.title.textContent;
      const text = data.typing === false ? '' : this.words.say('typing', who);
      this.writing.textContent = text;
      const mark = (this.told = text + Date.now());
      setTimeout(() => this.told === mark && (this.writing.textContent = ''), WRITING);
    }
  }

  private presence(online: boolean): void {
    this.status.replaceChildren(
      h('i', { class: online ? 'dot here' : 'dot' }),
      this.words.say(online ? 'online' : 'away'),
    );
  }

  private connection(connected: boolean): void {
    this.connected = connected;
    this.warn();
  }

  private warn(): void {
    const word = !navigator.onLine ? 'offline' : this.connected ? undefined : 'lost';
    this.banner.hidden = !word;
    this.banner.textContent = this.refused ?? (word ? this.words.say(word) : '');
  }

  private read(seq: number): void {
    const entry = this.log.get(seq);
    if (!this.open || document.visibilityState !== 'visible' || !entry || entry.by.kind === 'visitor') return;
    if (seq <= this.readUpTo()) return;
    this.store.set('read', String(seq));
    this.unread();
    this.api.post('read', { seq }).catch(() => {});
  }

  private readUpTo(): number {
    return Number(this.store.get('read'));
  }

  private unread(): void {
    const count = this.open ? 0 : this.log.unread(this.readUpTo());
    const label = this.words.say(this.open ? 'close' : 'open');
    this.tell({ skein: 'unread', count, label: count ? `${label}, ${this.words.say('unread', count)}` : label });
  }
}

function main(): void {
  const endpoint = location.pathname.split('/').pop()!;
  const here: Page = { url: location.href, title: document.title, referrer: document.referrer };
  if (parent === window) {
    new App(endpoint, { skein: 'init', page: here, open: true }, () => {}, '').show(true);
    return;
  }
  let app: App | undefined;
  let site: string | undefined;
  addEventListener('message', ({ source, origin, data }: MessageEvent<ToApp>) => {
    if (source !== parent || !data || (site && origin !== site)) return;
    if (data.skein === 'init' && !app) {
      site = origin;
      // A page without an origin of its own cannot be named; what is told to it is no secret.
      const tell = (message: ToHost) => parent.postMessage(message, origin === 'null' ? '*' : origin);
      app = new App(endpoint, data, tell, (location.search || location.hash) as Start);
      if (location.search) history.replaceState(null, '', location.pathname + '#out');
      if (data.open) app.show(true, data.page);
    }
    if (data.skein === 'open') app?.show(true, data.page);
    if (data.skein === 'close') app?.show(false);
  });
}

main();
