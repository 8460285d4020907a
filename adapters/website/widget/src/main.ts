// The application in the frame. The loader's first message starts it; the page's frame-ancestors policy lets
// only an allowed site embed it, and so send one.
import { App } from './app';
import { Words } from './i18n';
import type { Page, Start, ToApp, ToHost } from './protocol';
import { Site } from './site';
import type { Init } from './site';

const endpoint = location.pathname.split('/').pop()!;

async function begin(init: Init, origin: string): Promise<App> {
  const words = await Words.load(init.locale || undefined);
  // A page without an origin of its own cannot be named; what is told to it is no secret.
  const tell = (message: ToHost) => parent.postMessage(message, origin === 'null' ? '*' : origin);
  const app = new App(endpoint, new Site(init, tell), words, (location.search || location.hash) as Start);
  if (location.search) history.replaceState(null, '', location.pathname + '#out');
  if (init.open) app.show(true, init.page);
  return app;
}

async function alone(): Promise<void> {
  const page: Page = { url: location.href, title: document.title, referrer: document.referrer };
  const site = new Site({ skein: 'init', page, open: true }, () => {});
  new App(endpoint, site, await Words.load(), '').show(true);
}

function embedded(): void {
  let app: Promise<App> | undefined;
  let site: string | undefined;
  addEventListener('message', ({ source, origin, data }: MessageEvent<ToApp & { page: Page }>) => {
    if (source !== parent || !data || (site && origin !== site)) return;
    if (data.skein === 'init' && !app) {
      site = origin;
      app = begin(data, origin);
    }
    void app?.then((begun) => begun.hear(data));
  });
}

if (parent === window) void alone();
else embedded();
