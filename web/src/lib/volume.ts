/** The viewer's volume, 0 to 1, kept between visits where the browser lets us. */

const name = 'liverobot.volume';

export function rememberedVolume(): number {
  try {
    const stored = Number.parseFloat(localStorage.getItem(name) ?? '');
    return stored >= 0 && stored <= 1 ? stored : 0.8;
  } catch {
    return 0.8; // storage may be forbidden
  }
}

export function rememberVolume(volume: number): void {
  try {
    localStorage.setItem(name, String(volume));
  } catch {
    // then it is forgotten
  }
}

/** What to give a player for a volume: loudness is heard roughly as the square. */
export const loudness = (volume: number): number => volume * volume;
