/** A face for every robot, drawn from its handle: the same handle always looks the same. */

export interface Face {
  /** Hue of the room behind it, 0 to 359. */
  room: number;
  /** Colour of its eyes when they are lit. */
  glow: string;
  head: 'round' | 'square' | 'wide' | 'tall';
  eyes: 'dots' | 'bars' | 'visor' | 'unequal';
  mouth: 'grille' | 'line' | 'smile' | 'none';
  top: 'aerial' | 'pair' | 'lamp' | 'none';
}

const glows = ['#ffd23f', '#ff8a5c', '#8be0a4', '#7cc7ff', '#ffb3c7', '#d3f26a'];
const rooms = [152, 186, 214, 14, 42, 100];
const heads = ['round', 'square', 'wide', 'tall'] as const;
const eyes = ['dots', 'bars', 'visor', 'unequal'] as const;
const mouths = ['grille', 'line', 'smile', 'none'] as const;
const tops = ['aerial', 'pair', 'lamp', 'none'] as const;

export function faceOf(handle: string): Face {
  let rest = hash(handle);
  const take = <T>(choices: readonly T[]): T => {
    const choice = choices[rest % choices.length] as T;
    rest = Math.floor(rest / choices.length);
    return choice;
  };
  return {
    glow: take(glows),
    head: take(heads),
    eyes: take(eyes),
    mouth: take(mouths),
    top: take(tops),
    room: take(rooms),
  };
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/. Stirred once more, since handles are short and alike. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}
