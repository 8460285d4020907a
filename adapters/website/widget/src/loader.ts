// The loader runs on the host page: a launcher button, and a frame of our origin that holds the
// application. It adds one style sheet whose rules name two ids, and touches nothing else there.
import { textOn } from './colour';
import { MARK } from './mark';
import type { Page, Profile, Told, ToApp, ToHost } from './protocol';

declare const LOADER_CSS: string;

/** What the site may set: in window.skein before the loader runs, or as data-* on the script, which wins. */
interface Settings {
  endpoint?: string;
  accent?: string;
  position?: string;
  locale?: string;
  theme?: string;
  open?: string | boolean;
  identity?: string;
  profile?: Profile;
}

type Listener = (told: Told) => unknown;

/** What the host page may call, as Skein('open') or skein.open(). */
interface Calls {
  open(): void;
  close(): void;
  /** The visitor has signed out: nothing of theirs stays in the browser, and the next one begins anew. */
  logout(): void;
  /** The site vouches for the visitor, for the first time or anew. */
  identify(identity?: string): void;
  /** The site knows more of the visitor. */
  set(profile: Profile): void;
  /** fn is called with every open, close, unread, message or identity; what it returns for identity is one. */
  on(event: string, fn: Listener): void;
}

type Call = (name: keyof Calls, ...args: any[]) => void;

const CLOSE = 'M6 9.500l6 6 6-6';

/** start joins the launcher, the frame and the page. */
function start(script: HTMLScriptElement): void {
  const host = window as Window & { skein?: Settings | Calls; Skein?: Call & { q?: Parameters<Call>[] } };
  const settings: Settings = { ...(host.skein as Settings), ...script.dataset };
  const source = new URL('widget/' + (settings.endpoint || 'website'), script.src);
  const heard: Record<string, Listener[]> = {};
  let shown: boolean | undefined;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOADER_CSS.replace(/[^{};]+:[^{};]+(?=[;}])/g, '$&!important'));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  const drawing = (name: string) => document.createElementNS('http://www.w3.org/2000/svg', name);
  const button = document.createElement('button');
  const badge = document.createElement('span');
  const frame = document.createElement('iframe');
  const icon = drawing('svg');
  const path = drawing('path');
  button.id = 'skein-launcher';
  button.ariaHasPopup = 'dialog';
  frame.id = 'skein-frame';
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.append(path);
  button.append(icon, badge);
  document.body.append(button, frame);

  const look = (fill: string, side: string) => {
    // What is no colour is not taken, and the sheet's own stays; what is no side is the right.
    button.style.setProperty('background', fill, 'important');
    button.style.setProperty('color', textOn(button), 'important');
    button.dataset.side = frame.dataset.side = side;
  };
  // The count before the page's title, which is the site's own.
  let prefix = '';
  const bare = () => document.title.replace(prefix, '');
  const tell = (message: ToApp) => {
    const page: Page = { url: location.href, title: bare(), referrer: document.referrer };
    if (frame.src) frame.contentWindow!.postMessage({ ...message, page }, source.origin);
    return message;
  };
  const fetchApp = () => (frame.src ||= source.href);
  // What the page's own functions throw is the page's to mend, and ends nothing here.
  const emit = async (told: Told) => heard[told.skein]?.map((fn) => fn(told))[0];

  const show = (open: boolean) => {
    if (shown === open) return;
    const focused = document.activeElement === frame;
    shown = open;
    // Attributes make text of it.
    button.ariaExpanded = frame.dataset.open = open as unknown as string;
    path.setAttribute('d', open ? CLOSE : MARK);
    if (open) {
      fetchApp();
      frame.focus();
    } else if (focused) button.focus();
    void emit(tell({ skein: open ? 'open' : 'close' }));
  };

  const calls: Calls = {
    open: () => show(true),
    close: () => show(false),
    // The application starts anew, and from then on takes no notice of whom this page was made for.
    logout() {
      settings.profile = settings.identity = undefined;
      frame.src = source + '?out';
    },
    identify: (identity) => tell({ skein: 'identify', identity: (settings.identity = identity || settings.identity) }),
    set: (profile) => tell({ skein: 'set', profile: (settings.profile = { ...settings.profile, ...profile }) }),
    on: (event, fn) => (heard[event] ||= []).push(fn),
  };

  addEventListener('message', ({ source: from, origin, data }: MessageEvent<ToHost>) => {
    if (from !== frame.contentWindow || origin !== source.origin) return;
    if (data.skein === 'close') return show(false);
    if (data.skein === 'look') {
      look(settings.accent || data.accent, settings.position || data.side!);
      frame.title = data.title;
    }
    if (data.skein === 'unread') {
      const { count } = data;
      button.ariaLabel = data.label;
      badge.textContent = (count > 9 ? '9+' : count || '') as string;
      const title = bare();
      if (prefix !== (prefix = count ? `(${count}) ` : '')) document.title = prefix + title;
    }
    const answer = emit(data);
    // Nobody there to ask is an answer too.
    if (data.skein === 'identity') answer.catch(() => {}).then((identity) => calls.identify(identity as string));
  });
  frame.onload = () => {
    const root = document.documentElement;
    const { accent, identity, profile, locale = root.lang, theme = getComputedStyle(root).colorScheme } = settings;
    tell({ skein: 'init', locale, theme, identity, profile, accent, open: shown! });
  };
  button.onclick = () => show(!shown);
  button.onkeydown = ({ key }) => {
    if (key === 'Escape') show(false); // and nothing returned: false would keep every other key from working
  };

  look(settings.accent!, settings.position!);
  button.ariaLabel = 'Chat';
  show(false);
  const early = host.Skein?.q;
  host.skein = calls;
  host.Skein = (name, ...args) => (calls[name] as Function)(...args);
  early?.map((call) => host.Skein!(...call));
  if (!/false|undefined/.test(settings.open as string)) show(true); // a bare data-open is an empty string
  // The application is fetched when the page itself has nothing better to do.
  const idle = () => (window.requestIdleCallback || setTimeout)(fetchApp);
  if (document.readyState === 'complete') idle();
  else addEventListener('load', idle);
}

const script = document.currentScript as HTMLScriptElement;
if (document.body) start(script);
else addEventListener('DOMContentLoaded', () => start(script));
