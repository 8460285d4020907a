/** The accent where the site chose none: the house's sky. */
export const SKY = '#2459d3';

/** hex is a colour as #rgb or #rrggbb, or undefined for anything else. */
export function hex(value: unknown): string | undefined {
  const text = String(value ?? '').trim().toLowerCase();
  if (/^#[\da-f]{6}$/.test(text)) return text;
  return /^#[\da-f]{3}$/.test(text) ? text.replace(/[\da-f]/g, '$&$&') : undefined;
}

// Relative luminance as WCAG 2 defines it, 0 to 1.
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** textOn chooses the text colour that reaches 4.5:1 on the given #rrggbb: white, else ink, else black. */
export function textOn(colour: string): string {
  const light = luminance(colour) + 0.05;
  if (1.05 / light >= 4.5) return '#fff';
  return light / 0.0671 >= 4.5 ? '#16233a' : '#000';
}
