// Messages between the loader on the host page and the application in the frame. Both sides name
// the other's origin, and both ignore anything that does not come from the other's window.

/** What the loader tells the application. */
export type ToApp =
  | { skein: 'init'; page: Page; locale?: string; identity?: string; profile?: Profile; accent?: string; open: boolean }
  | { skein: 'open'; page: Page }
  | { skein: 'close' };

/** What the application tells the loader. label names the launcher for those who do not see it. */
export type ToHost =
  | { skein: 'look'; accent: string; side?: string; title: string }
  | { skein: 'unread'; count: number; label: string }
  | { skein: 'close' };

/**
 * How the frame is loaded when the page's identity does not count: the visitor signs out, has signed out, or
 * the server has refused it.
 */
export type Start = '' | '?out' | '#out' | '#refused';

/** Where the visitor is on the host site. */
export interface Page {
  url: string;
  title: string;
  referrer: string;
}

/** What the host site says about its visitor. */
export type Profile = Record<string, unknown>;
