/** Colours that strangers chose, made readable on our background. */

type Rgb = readonly [number, number, number];

/** WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [lighter, darker] = [luminance(parse(a)), luminance(parse(b))].sort((x, y) => y - x) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** The colour, mixed in steps with white or, on a light background, with black, until it stands out by `ratio`. */
export function readableOn(background: string, colour: string, ratio = 4.5): string {
  const end = luminance(parse(background)) < 0.18 ? 255 : 0;
  let readable = colour;
  for (let share = 0.1; contrast(readable, background) < ratio && share <= 1; share += 0.1) {
    readable = format(parse(colour).map((channel) => channel + (end - channel) * share) as unknown as Rgb);
  }
  return readable;
}

/** Black or white, whichever stands out more from the colour. */
export function inkOn(colour: string): string {
  return contrast('#1a1a18', colour) >= contrast('#ffffff', colour) ? '#1a1a18' : '#ffffff';
}

/** The colour with a share of black in it, 0 to 1. */
export function darker(colour: string, share: number): string {
  return format(parse(colour).map((channel) => channel * (1 - share)) as unknown as Rgb);
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
