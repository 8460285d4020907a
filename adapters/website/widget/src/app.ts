import { Api, Problem, delay } from './api';
import type { Entry, File as Stored, Session } from './api';
import { SKY, textOn } from './colour';
import { Composer } from './composer';
import { ICON, h, icon } from './dom';
import { owner, reason } from './identity';
import { Words } from './i18n';
import { more } from './later';
import { Live } from './live';
import { Log } from './log';
import { MARK } from './mark';
import { Menu, choice } from './menu';
import type { Page, Profile, Start, ToApp } from './protocol';
import { Queue } from './queue';
import type { Line, Sent } from './queue';
import type { Rating } from './rating';
import { Reception } from './reception';
import type { Site } from './site';
import { Store } from './store';
import { Transcript } from './transcript';
import { pause, wake } from './wait';

/** How long "is writing" stays when nothing more is heard. */
const WRITING = 6_000;

/** App is the whole of what the visitor sees in the frame. */
export class App {
  private readonly store: Store;
  private readonly api: Api;
  private readonly log = new Log();
  private readonly live: Live;
  private readonly queue: Queue;
  private readonly transcript: Transcript;
  private readonly composer: Composer;
  private readonly foot = h('div'); // of the conversation
  private rating?: Rating;
  private readonly reception: Reception;
  private readonly panel = h('section', { role: 'dialog', 'aria-labelledby': 'skein-title', tabindex: '-1' });
  private readonly title = h('bdi');
  private telegram!: HTMLButtonElement;
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
  private paging = false;
  private news = Infinity; // entries after this one are told to the page
  private pleaded = false; // the page has been asked to vouch anew, and no session came of it yet
  private told?: string;

  constructor(
    endpoint: string,
    private readonly site: Site,
    private readonly words: Words,
    start: Start,
  ) {
    const { init } = site;
    this.open = init.open;
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
      (problem) => this.refuse(problem),
    );
    this.api.introduction = { page, locale, identity, profile };
    this.queue = new Queue(
      name,
      this.store,
      this.api,
      () => this.lines(),
      (line, sent) => this.sent(line, sent),
    );
    this.live = new Live(
      name,
      this.api,
      (entry) => this.receive(entry),
      (type, data) => this.signal(type, data),
      (up) => this.connection(up),
    );
    const acts = {
      retry: (key: string) => this.queue.retry(key),
      remove: (key: string) => {
        this.queue.remove(key);
        this.composer.focus();
      },
      visible: (seq: number) => this.read(seq),
      earlier: () => void this.earlier(),
    };
    const say = (text: string, files: Stored[] = []) => {
      this.queue.add(text, files, this.live.cursor);
      this.transcript.toEnd();
    };
    this.transcript = new Transcript(this.words, this.log, this.api, { ...acts, say }, this.foot);
    this.composer = new Composer(this.words, this.api, this.store, say);
    this.reception = new Reception(
      this.panel,
      words,
      this.store,
      (text) => this.transcript.greet(text),
      async (answers, line) => {
        if (Object.keys(answers).length) await this.api.post('profile', answers);
        if (line) this.queue.add(line, [], this.live.cursor);
      },
    );
    this.build();
    this.look(init.accent);
    this.listen();
    this.lines();
    this.unread();
    if (this.open || this.store.get('token') || this.queue.lines().length) void this.connect();
  }

  /** hear takes what the page says. */
  hear(data: ToApp & { page?: Page }): void {
    const { introduction } = this.api;
    if (data.skein === 'open') this.show(true, data.page);
    if (data.skein === 'close') this.show(false);
    if (data.skein === 'identify') introduction.identity = this.site.vouch(data.identity, introduction.identity);
    if (data.skein === 'set') void this.know(data.profile);
  }

  // know tells the server what the page knows of the visitor, at once when there is a session.
  private async know(profile: Profile): Promise<void> {
    this.api.introduction.profile = profile;
    if (!this.visitor) return;
    await this.api.post('profile', profile).catch(() => {});
    if (this.reception.asking) await this.api.session().catch(() => {});
  }

  // refuse is called when the server does not take the site's word. The page may give another one for the same person,
  // once; else the visitor goes on as somebody of whom nothing is known, in another document.
  private async refuse(problem: Problem): Promise<string> {
    const identity = this.api.introduction.identity!;
    const fresh = this.pleaded ? undefined : await this.site.fresh(identity);
    this.pleaded = true;
    if (fresh) return fresh;
    console.warn('Skein: the identity was refused, the visitor goes on without it: ' + reason(identity, problem.detail));
    location.hash = 'refused';
    location.reload();
    return new Promise(() => {});
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
    this.focus();
  }

  private focus(): void {
    if (!this.open) return;
    // On a touch screen focusing the input would cover the conversation with the keyboard.
    if (matchMedia('(pointer: coarse)').matches) this.panel.focus();
    else if (this.reception.asking) this.reception.focus();
    else this.composer.focus();
  }

  private build(): void {
    const { words } = this;
    document.documentElement.lang = words.locale;
    document.documentElement.dir = words.direction;
    // What the site says, or else its page where that is either dark or light.
    const themes = this.site.init.theme?.match(/dark|light/g);
    if (themes?.length === 1) document.documentElement.dataset.theme = themes[0];
    this.title.textContent = document.title = words.say('title');
    const close = h(
      'button',
      {
        type: 'button',
        class: 'icon',
        id: 'skein-close',
        'aria-label': words.say('close'),
        click: () => this.site.tell({ skein: 'close' }),
      },
      icon(ICON.close),
    );
    close.hidden = parent === window;
    this.telegram = choice(ICON.telegram, words.say('telegram'), () => void this.goOn(), true);
    this.telegram.id = 'skein-telegram';
    this.telegram.hidden = true;
    const keep = choice(ICON.save, words.say('save'), () => void this.save());
    keep.id = 'skein-save';
    const sound = choice(ICON.sound, words.say('sound'), () => {
      this.store.set('sound', this.store.get('sound') === 'off' ? 'on' : 'off');
    });
    sound.id = 'skein-sound';
    const opened = () => sound.setAttribute('aria-pressed', String(this.store.get('sound') !== 'off'));
    const menu = new Menu(words.say('menu'), opened, sound, keep, this.telegram);
    const drop = h('div', { class: 'drop', hidden: true }, words.say('drop'));
    const header = h(
      'header',
      {},
      icon(MARK),
      h('div', {}, h('h1', { id: 'skein-title' }, this.title), this.status),
      menu.button,
      menu.list,
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
    // Who is new may be asked something first: the session tells.
    if (!this.store.get('token') && !this.queue.lines().length) panel.classList.add('waiting');
    panel.addEventListener('asking', () => this.focus());
    document.body.replaceChildren(panel);
  }

  private async earlier(): Promise<void> {
    if (this.paging || !this.live.start) return;
    this.paging = true;
    try {
      const entries = await this.live.earlier();
      this.transcript.older(() => {
        for (const entry of entries) this.receive(entry);
        this.settled();
      });
    } catch {
      // The button stays.
    }
    this.paging = false;
  }

  private async save(): Promise<void> {
    try {
      await (await more()).save(this.api, this.words, new Log(), this.title.textContent!);
    } catch {
      // Without a connection, of which the banner tells.
    }
  }

  // goOn leads to Telegram. A tab may be opened only while the visitor's click is being handled, the address comes later.
  private async goOn(): Promise<void> {
    const tab = window.open('about:blank');
    try {
      const answer = await this.api.post('links', {});
      const { url }: { url: string } = await answer.json();
      if (!tab || !url.startsWith('https://')) throw new Error('no way to Telegram');
      tab.opener = null;
      tab.location.href = url;
    } catch {
      tab?.close();
    }
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
    this.site.tell({ skein: 'look', accent: fill, side, title: this.title.textContent! });
  }

  private listen(): void {
    addEventListener(
      'keydown',
      (event) => event.key === 'Escape' && !event.isComposing && this.site.tell({ skein: 'close' }),
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
      wake();
      this.lines();
      void this.queue.flush();
    });
    this.warn();
  }

  private again(): void {
    wake();
    this.warn();
    this.unread();
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
    this.transcript.loud = true;
    this.news = Math.min(this.news, this.live.cursor);
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
    const { visitor, settings, online, opens_at } = session;
    if (this.visitor && this.visitor !== visitor.id) return location.reload(); // nothing here, nor the stream, is theirs
    this.visitor = visitor.id;
    this.pleaded = false;
    this.conversation = session.conversation?.id;
    if (this.store.get('visitor') !== visitor.id) {
      this.store.set('visitor', visitor.id);
      this.store.remove('read'); // numbers of another conversation
    }
    this.transcript.tombstone = !!settings?.tombstone;
    this.telegram.hidden = !settings?.telegram;
    if (settings?.title) this.title.textContent = document.title = settings.title;
    if (settings?.max_text) this.composer.limit = settings.max_text;
    if (settings?.max_file_size) this.composer.largest = settings.max_file_size;
    const { last_seq = 0, seen = 0 } = session.conversation ?? {};
    if (this.readUpTo() > Math.max(last_seq, this.live.cursor)) this.store.remove('read'); // likewise, of one that was erased
    const read = this.readUpTo();
    if (seen > read) this.store.set('read', String(seen));
    else if (seen < read) this.tellRead(); // what was told got lost
    this.look(this.site.init.accent ?? settings?.accent, settings?.position);
    this.reception.receive(session, !session.conversation && !this.queue.lines().length);
    this.presence(online, opens_at);
    this.ready();
  }

  // ready lets a visitor write who was kept from it until it was known whether to ask them something.
  private ready(): void {
    if (!this.panel.classList.contains('waiting')) return;
    this.panel.classList.remove('waiting');
    this.focus();
  }

  private receive(entry: Entry): void {
    if (this.waits(entry)) {
      this.held.push(entry);
      return;
    }
    const known = this.log.get(entry.seq);
    // As in sent, by another tab: what comes is older than all that is here, or another with the same number.
    if (entry.seq <= this.live.start || (known?.html && entry.html && known.at !== entry.at)) return location.reload();
    const seq = this.log.add(entry);
    if (seq === undefined) return;
    this.reception.close();
    const { kind, by, text, at } = entry;
    if (by.kind !== 'visitor') this.writing.textContent = '';
    if (seq > this.news && kind === 'said' && /agent|robot/.test(by.kind)) {
      this.site.tell({ skein: 'message', text, by: { kind: by.kind, name: by.name }, at });
    }
    this.transcript.draw(seq);
    this.unread();
    this.announce(entry);
    void this.rate();
  }

  // A conversation that began in this page has no name here until the session is asked for it.
  private async rate(): Promise<void> {
    const { closed } = this.log;
    if (!closed) return this.rating?.ask(this.conversation ?? '', 0);
    try {
      if (!this.conversation) await this.api.session();
      const { Rating } = await more();
      this.rating ??= new Rating(this.words, this.api, this.foot, () => this.transcript.toEnd());
    } catch {
      return; // the next look asks again
    }
    if (this.conversation) this.rating.ask(this.conversation, this.log.closed);
  }

  // A new line that nobody is looking at is heard, from one of the tabs.
  private announce({ kind, by, seq }: Entry): void {
    const { following, live, watched, store } = this;
    if (!following || !live.leads || watched || kind !== 'said' || by.kind === 'visitor') return;
    if (seq <= this.readUpTo() || store.get('sound') === 'off') return;
    more().then(
      ({ chime }) => chime(),
      () => {},
    );
  }

  // While a line may have reached the server and its answer is still out, an own entry newer than the line
  // may be that line: it waits, so that nothing is seen twice.
  private waits(entry: Entry): boolean {
    if (entry.kind !== 'said' || entry.by.kind !== 'visitor') return false;
    const line = this.queue.lines().find(({ tried, refused }) => tried && refused === undefined);
    return !!line && entry.seq > line.after!;
  }

  private lines(): void {
    const held = this.held;
    this.held = [];
    this.transcript.drawLines(this.queue.lines(), this.queue.stuck);
    if (this.queue.lines().length) this.reception.close();
    for (const entry of held) this.receive(entry);
  }

  private sent({ text, files, after }: Line, { seq, at }: Sent): void {
    // Where all that was said has been erased, numbers begin anew: nothing that is here belongs to what begins.
    if (seq <= after!) return location.reload();
    const by = { kind: 'visitor', name: '' } as const;
    this.receive({ seq, kind: 'said', by, text, files, at });
    this.lines();
  }

  private signal(type: string, data: any): void {
    if (type === 'presence' && data.online !== undefined) {
      this.presence(data.online);
      this.reception.see(data.online);
    }
    if (type === 'typing') {
      const who = data.by?.name || data.name || this.title.textContent;
      const text = data.typing === false ? '' : this.words.say('typing', who);
      this.writing.textContent = text;
      const mark = (this.told = text + Date.now());
      setTimeout(() => this.told === mark && (this.writing.textContent = ''), WRITING);
    }
  }

  private presence(online: boolean, opens?: string): void {
    const { words } = this;
    const text = opens ? words.say('back', words.moment(opens)) : words.say(online ? 'online' : 'away');
    this.status.replaceChildren(h('i', { class: online ? 'dot here' : 'dot' }), text);
  }

  private connection(connected: boolean): void {
    this.ready();
    this.connected = connected;
    this.warn();
  }

  private warn(): void {
    const word = !navigator.onLine ? 'offline' : this.connected ? undefined : 'lost';
    this.banner.hidden = !word;
    this.banner.textContent = this.refused ?? (word ? this.words.say(word) : '');
  }

  private get watched(): boolean {
    return this.open && document.visibilityState === 'visible';
  }

  private read(seq: number): boolean {
    if (!this.watched) return false;
    if (seq > this.readUpTo()) {
      this.store.set('read', String(seq));
      this.unread();
      this.tellRead();
    }
    return true;
  }

  private tellRead(): void {
    this.api.post('read', { seq: this.readUpTo() }).catch(() => {});
  }

  private readUpTo(): number {
    return Number(this.store.get('read'));
  }

  private unread(): void {
    const count = this.watched ? 0 : this.log.unread(this.readUpTo());
    const label = this.words.say(this.open ? 'close' : 'open');
    this.site.tell({ skein: 'unread', count, label: count ? `${label}, ${this.words.say('unread', count)}` : label });
  }
}
