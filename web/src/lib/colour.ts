/** Colours that strangers chose, made readable on our background. */

type Rgb = readonly [number, number, number];

/** WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [lighter, darker] = [luminance(parse(a)), luminance(parse(b))].sort((x, y) => y - x) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** The colour, mixed with white in steps until it stands out from the (dark) background by `ratio`. */
export function readableOn(background: string, colour: string, ratio = 4.5): string {
  let readable = colour;
  for (let white = 0.1; contrast(readable, background) < ratio && white <= 1; white += 0.1) {
    readable = format(parse(colour).map((channel) => channel + (255 - channel) * white) as unknown as Rgb);
  }
  return readable;
}

function parse(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function format(rgb: Rgb): string {
  return `#${rgb.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
