import english from '../words/en.json';

export type Word = Exclude<keyof typeof english, 'direction'>;
/** What a language says for a word: a text, or one text for each way in which the language counts. */
type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Messages = Partial<Record<Word, Text>> & { direction?: string };

/** How long a language may take before the visitor gets English. */
const PATIENCE = 5_000;

/** The words of one language, and what else depends on it. What a language lacks is said in English. */
export class Words {
  readonly direction: string;
  private readonly counts: Intl.PluralRules;
  private readonly clock: Intl.DateTimeFormat;
  private readonly calendar: Intl.DateTimeFormat;

  private constructor(
    readonly locale: string,
    private readonly messages: Messages,
  ) {
    this.direction = messages.direction ?? english.direction;
    this.counts = new Intl.PluralRules(locale);
    this.clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
    this.calendar = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  }

  /** load fetches the best language for a BCP 47 tag such as "de-AT"; English, when there is none, is here already. */
  static async load(tag = navigator.language): Promise<Words> {
    // The page names the languages there are, each with the file that holds it.
    const pairs = document.documentElement.dataset.words!.split(' ');
    const files = new Map(pairs.map((pair) => pair.split(':') as [string, string]));
    try {
      const [locale] = Intl.getCanonicalLocales(tag.replaceAll('_', '-'));
      const full = locale.toLowerCase();
      const language = full.split('-')[0];
      const chosen = [full, language].find((name) => files.has(name));
      if (!chosen) return new Words(language === 'en' ? locale : 'en', {});
      const answer = await fetch(`assets/${files.get(chosen)}.json`, { signal: AbortSignal.timeout(PATIENCE) });
      return new Words(locale, await answer.json());
    } catch {
      return new Words('en', {});
    }
  }

  /** say puts value in the place that the text keeps for one; a number also chooses between the language's plurals. */
  say(word: Word, value: string | number = ''): string {
    const text: Text = this.messages[word] ?? english[word];
    const counted = typeof text === 'string' ? text : (text[this.counts.select(+value)] ?? text.other!);
    return counted.replace(/\{\w+\}/, () => String(value));
  }

  time(at: string): string {
    return this.clock.format(new Date(at));
  }

  day(at: string): string {
    return this.calendar.format(new Date(at));
  }

  /** moment tells a time to come, as far away as it is. */
  moment(at: string): string {
    const days = (Date.parse(at) - Date.now()) / 86_400_000;
    const far = days > 6 ? ({ day: 'numeric', month: 'long' } as const) : {};
    const today = new Date(at).toDateString() === new Date().toDateString();
    const day = today ? {} : ({ weekday: 'long', ...far } as const);
    return new Date(at).toLocaleString(this.locale, { ...day, hour: 'numeric', minute: '2-digit' });
  }

  language(code: string): string {
    try {
      return new Intl.DisplayNames(this.locale, { type: 'language' }).of(code) ?? code;
    } catch {
      return code;
    }
  }
}
