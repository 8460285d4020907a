/** The accent where the site chose none: the house's sky. */
export const SKY = '#2459d3';

/**
 * textOn chooses the text colour that reaches 4.5:1 on an element's background, by the contrast that WCAG 2
 * defines: white, else ink, else black.
 */
export function textOn(element: Element): string {
  const parts = getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? [];
  const [r, g, b] = parts.map((part) => {
    const value = +part / 255;
    return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
  });
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  return light > 0.302 ? '#16233a' : light > 0.2333 ? '#000' : '#fff';
}
