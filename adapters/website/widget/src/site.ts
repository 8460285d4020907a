import { owner } from './identity';
import type { Page, ToApp, ToHost } from './protocol';

export type Init = Extract<ToApp, { skein: 'init' }> & { page: Page };

/** How long the page may take to vouch for its visitor anew. */
const PATIENCE = 15_000;

/** Site is the page that shows the frame: what it says of its visitor, and what it is told. */
export class Site {
  private asked?: (identity?: string) => void;

  constructor(
    readonly init: Init,
    readonly tell: (message: ToHost) => void,
  ) {}

  /** fresh asks the page to vouch anew for the person of identity. Without an answer, that is undefined. */
  async fresh(identity: string): Promise<string | undefined> {
    const answer = await new Promise<string | undefined>((resolve) => {
      this.asked = resolve;
      setTimeout(resolve, PATIENCE);
      this.tell({ skein: 'identity' });
    });
    this.asked = undefined;
    if (!answer || answer === identity) return undefined;
    if (owner(answer) === owner(identity)) return answer;
    return Site.startOver();
  }

  /** vouch takes what the page says of its visitor while identity is what it said before. It returns what holds now. */
  vouch(answer: string | undefined, identity: string | undefined): string | undefined {
    if (this.asked) this.asked(answer);
    else if (answer && identity && owner(answer) === owner(identity)) return answer;
    else if (answer && answer !== identity) void Site.startOver();
    return identity;
  }

  /** startOver loads the document anew, for another person: nothing of this one is in it. */
  private static startOver(): Promise<never> {
    location.replace(location.pathname);
    return new Promise(() => {});
  }
}
