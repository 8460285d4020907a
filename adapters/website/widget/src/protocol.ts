// Messages between the loader on the host page and the application in the frame. Both sides name
// the other's origin, and both ignore anything that does not come from the other's window.

/** What the loader tells the application; with all of it comes the page that the visitor is on. */
export type ToApp =
  | {
      skein: 'init';
      locale?: string;
      theme?: string;
      identity?: string;
      profile?: Profile;
      accent?: string;
      open: boolean;
    }
  | { skein: 'open' | 'close' }
  | { skein: 'identify'; identity?: string } // the one before: the page was asked and has no other
  | { skein: 'set'; profile: Profile }; // all that the page has said

/** What the application tells the loader. label names the launcher for those who do not see it. */
export type ToHost =
  | { skein: 'look'; accent: string; side?: string; title: string }
  | { skein: 'unread'; count: number; label: string }
  | { skein: 'message'; text: string; by: { kind: string; name: string }; at: string } // from an agent or the robot, just now
  | { skein: 'identity' } // the one there is does not count any more: the loader answers with identify
  | { skein: 'close' };

/** What functions of the page are called with. */
export type Told = ToHost | ToApp;

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
