// The loader runs on the host page: a launcher button, and a frame of our origin that holds the
// application. It adds one style sheet whose rules name two ids, and touches nothing else there.
import { textOn } from './colour';
import { MARK } from './mark';
import type { Page, Profile, ToApp, ToHost } from './protocol';

declare const LOADER_CSS: string;

/** What the site may set: in window.skein before the loader runs, or as data-* on the script, which wins. */
interface Settings {
  endpoint?: string;
  accent?: string;
  position?: string;
  locale?: string;
  open?: string | boolean;
  identity?: string;
  profile?: Profile;
}

/** What the host page may call, once the loader has run. */
interface Handle {
  open(): void;
  close(): void;
  /** The visitor has signed out: nothing of theirs stays in the browser, and the next one begins anew. */
  logout(): unknown;
}

const CLOSE = 'M6 9.500l6 6 6-6';

/** build puts the launcher and the frame on the page. */
function build() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOADER_CSS.replace(/[^{};]+:[^{};]+(?=[;}])/g, '$&!important'));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  const button = document.createElement('button');
  button.id = 'skein-launcher';
  button.setAttribute('aria-haspopup', 'dialog');
  const drawing = (name: string) => document.createElementNS('http://www.w3.org/2000/svg', name);
  const icon = drawing('svg');
  const path = drawing('path');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.append(path);
  const badge = document.createElement('span');
  button.append(icon, badge);
  const frame = document.createElement('iframe');
  frame.id = 'skein-frame';
  document.body.append(button, frame);
  return { button, path, badge, frame };
}

/** start joins the launcher, the frame and the page. */
function start(script: HTMLScriptElement): void {
  const host = window as Window & { skein?: Settings | Handle };
  const settings: Settings = { ...(host.skein as Settings), ...script.dataset };
  const { accent, position, identity, profile } = settings;
  const source = new URL('widget/' + (settings.endpoint || 'website'), script.src);
  let shown = false;

  const { button, path, badge, frame } = build();

  const look = (fill = '', side = '') => {
    // What is no colour is not taken, and the sheet's own stays.
    button.style.setProperty('background', fill, 'important');
    button.style.setProperty('color', textOn(button), 'important');
    button.dataset.side = frame.dataset.side = side;
  };
  const label = (text: string) => button.setAttribute('aria-label', text);
  const draw = () => {
    // Attributes make text of it.
    button.setAttribute('aria-expanded', (button.dataset.open = frame.dataset.open = shown as unknown as string));
    path.setAttribute('d', shown ? CLOSE : MARK);
  };
  // The count before the page's title, which is the site's own.
  let prefix = '';
  const bare = () => (document.title.startsWith(prefix) ? document.title.slice(prefix.length) : document.title);
  const page = (): Page => ({ url: location.href, title: bare(), referrer: document.referrer });
  const tell = (message: ToApp) => frame.src && frame.contentWindow!.postMessage(message, source.origin);
  const fetchApp = () => (frame.src ||= source.href);

  const show = (open: boolean) => {
    if (shown === open) return;
    const focused = document.activeElement === frame;
    shown = open;
    draw();
    if (open) {
      fetchApp();
      frame.focus();
      tell({ skein: 'open', page: page() });
    } else {
      if (focused) button.focus();
      tell({ skein: 'close' });
    }
  };

  addEventListener('message', ({ source: from, origin, data }: MessageEvent<ToHost>) => {
    if (from !== frame.contentWindow || origin !== source.origin) return;
    if (data.skein === 'close') show(false);
    if (data.skein === 'look') {
      look(accent || data.accent, position || data.side);
      frame.title = data.title;
    }
    if (data.skein === 'unread') {
      const { count } = data;
      label(data.label);
      badge.textContent = (count > 9 ? '9+' : count || '') as string;
      const title = bare();
      prefix = count ? `(${count}) ` : '';
      if (document.title !== prefix + title) document.title = prefix + title;
    }
  });
  frame.onload = () => {
    const locale = settings.locale || document.documentElement.lang;
    tell({ skein: 'init', page: page(), locale, identity, profile, accent, open: shown });
  };
  button.onclick = () => show(!shown);
  button.onkeydown = ({ key }) => {
    if (key === 'Escape') show(false); // and nothing returned: false would keep every other key from working
  };

  look(accent, position);
  label('Chat');
  draw();
  // The application starts anew, and from then on takes no notice of whom this page was made for.
  const logout = () => (frame.src = source + '?out');
  host.skein = { open: () => show(true), close: () => show(false), logout };
  if (!/false|undefined/.test(settings.open as string)) show(true); // a bare data-open is an empty string
  // The application is fetched when the page itself has nothing better to do.
  const idle = () => (window.requestIdleCallback || setTimeout)(fetchApp);
  if (document.readyState === 'complete') idle();
  else addEventListener('load', idle);
}

const script = document.currentScript as HTMLScriptElement;
if (document.body) start(script);
else addEventListener('DOMContentLoaded', () => start(script));
