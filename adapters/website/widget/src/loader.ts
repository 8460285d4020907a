// The loader runs on the host page: a launcher button, and a frame of our origin that holds the
// application. It adds one style sheet whose rules name two ids, and touches nothing else there.
import { SKY, hex, textOn } from './colour';
import { MARK } from './mark';
import type { Page, Profile, Side, ToApp, ToHost } from './protocol';

declare const LOADER_CSS: string;

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
  toggle(): void;
}

type Host = Window & { skein?: Settings | Handle };

const CLOSE = 'M6 9.500l6 6 6-6';

function start(script: HTMLScriptElement): void {
  const host = window as Host;
  const settings: Settings = { ...(host.skein as Settings), ...script.dataset };
  const source = new URL('widget/' + encodeURIComponent(settings.endpoint || 'website'), script.src);
  const title = document.title;
  let shown = false;
  let ready = false;

  const button = document.createElement('button');
  button.id = 'skein-launcher';
  button.type = 'button';
  button.setAttribute('aria-haspopup', 'dialog');
  button.setAttribute('aria-controls', 'skein-frame');
  const namespace = 'http://www.w3.org/2000/svg';
  const icon = document.createElementNS(namespace, 'svg');
  const path = document.createElementNS(namespace, 'path');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  icon.append(path);
  const badge = document.createElement('span');
  badge.hidden = true;
  badge.setAttribute('aria-hidden', 'true');
  button.append(icon, badge);

  const frame = document.createElement('iframe');
  frame.id = 'skein-frame';
  frame.allow = 'clipboard-write';

  let label = 'Chat';
  let unread = '';
  const describe = () => button.setAttribute('aria-label', unread ? `${label}, ${unread}` : label);

  const look = (accent?: string, side?: Side) => {
    const fill = hex(accent) || SKY;
    button.style.setProperty('--skein-accent', fill);
    button.style.setProperty('--skein-text', textOn(fill));
    for (const element of [button, frame]) element.dataset.side = side || 'right';
  };
  const side = (value?: string): Side | undefined => (value ? (/left/.test(value) ? 'left' : 'right') : undefined);

  const page = (): Page => ({ url: location.href, title: document.title.replace(/^\(\d+\) /, ''), referrer: document.referrer });
  const tell = (message: ToApp) => ready && frame.contentWindow?.postMessage(message, source.origin);

  const show = (open: boolean) => {
    if (open && !frame.src) frame.src = source.href;
    if (shown === open) return;
    shown = open;
    frame.dataset.open = String(open);
    button.dataset.open = String(open);
    button.setAttribute('aria-expanded', String(open));
    path.setAttribute('d', open ? CLOSE : MARK);
    if (open) {
      frame.focus();
      tell({ skein: 'open', page: page() });
    } else {
      if (document.activeElement === frame) button.focus();
      tell({ skein: 'close' });
    }
  };

  const hear = ({ source: from, origin, data }: MessageEvent<ToHost>) => {
    if (from !== frame.contentWindow || origin !== source.origin || !data) return;
    if (data.skein === 'close') show(false);
    if (data.skein === 'look') {
      look(settings.accent || data.accent, side(settings.position) || data.side);
      frame.title = label = data.label;
      describe();
      if (data.open) show(true);
    }
    if (data.skein === 'unread') {
      unread = data.count ? data.label : '';
      badge.hidden = !data.count;
      badge.textContent = data.count > 9 ? '9+' : String(data.count);
      const plain = document.title.replace(/^\(\d+\) /, '') || title;
      document.title = data.count ? `(${data.count}) ${plain}` : plain;
      describe();
    }
  };

  addEventListener('message', hear);
  frame.addEventListener('load', () => {
    ready = !!frame.src;
    const { accent, identity, profile } = settings;
    const locale = settings.locale || document.documentElement.lang || navigator.language;
    tell({ skein: 'init', page: page(), locale, identity, profile, accent, open: shown });
  });
  button.addEventListener('click', () => show(!shown));
  button.addEventListener('keydown', (event) => event.key === 'Escape' && show(false));

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOADER_CSS);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  path.setAttribute('d', MARK);
  look(settings.accent, side(settings.position));
  frame.title = label;
  button.setAttribute('aria-expanded', 'false');
  describe();
  document.body.append(button, frame);
  host.skein = { open: () => show(true), close: () => show(false), toggle: () => show(!shown) };

  if (settings.open !== undefined && settings.open !== false && settings.open !== 'false') show(true);
  // The application is fetched when the page itself has nothing better to do.
  const idle = window.requestIdleCallback || ((run: () => void) => setTimeout(run, 200));
  const fetchApp = () => idle(() => frame.src || (frame.src = source.href));
  if (document.readyState === 'complete') fetchApp();
  else addEventListener('load', fetchApp);
}

const script = document.currentScript as HTMLScriptElement | null;
if (script && !document.getElementById('skein-launcher')) {
  if (document.body) start(script);
  else addEventListener('DOMContentLoaded', () => start(script));
}
