// Messages between the loader on the host page and the application in the frame. Both sides name
// the other's origin, and both ignore anything that does not come from the other's window.

/** What the loader tells the application. */
export type ToApp =
  | { skein: 'init'; page: Page; locale?: string; identity?: string; profile?: Profile; accent?: string; open: boolean }
  | { skein: 'open'; page: Page }
  | { skein: 'close' };

/** What the application tells the loader. */
export type ToHost =
  | { skein: 'look'; accent: string; side?: Side; label: string; open: boolean }
  | { skein: 'unread'; count: number; label: string }
  | { skein: 'close' };

export type Side = 'left' | 'right';

/** Where the visitor is on the host site. */
export interface Page {
  url: string;
  title: string;
  referrer: string;
}

/** What the host site says about its visitor. */
export type Profile = Record<string, unknown>;
