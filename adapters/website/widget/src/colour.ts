/** The accent where the site chose none: the house's sky. */
export const SKY = '#2459d3';

/**
 * textOn chooses the text colour that reaches 4.5:1 on an element's background, by the contrast that WCAG 2
 * defines: white, else ink, else black. Near black it takes the curve for the straight line, which is lighter
 * by less than 0.001.
 */
export function textOn(element: Element): string {
  const parts = getComputedStyle(element).backgroundColor.match(/[\d.]+/g)!;
  const [r, g, b] = parts.map((part) => ((+part / 255 + 0.055) / 1.055) ** 2.4);
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  return light > 0.302 ? '#16233a' : light > 0.2333 ? '#000' : '#fff';
}
