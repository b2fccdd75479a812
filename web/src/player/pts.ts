/** Presentation timestamps: ticks of 1/90,000 s in 33 bits (ISO/IEC 13818-1, 2.4.3.7). */

const packetLength = 188;
const ticksPerMs = 90;
const wrap = 2 ** 33;

/** What the relay told of one frame: its PTS, and when it was complete there, in Unix milliseconds. */
export interface RelayClock {
  pts: number;
  time: number;
}

/** When a frame was complete at the relay, in Unix milliseconds, by what the relay told of another one of the same encoder. */
export function relayTimeOf(pts: number, clock: RelayClock): number {
  const ticks = (((pts - clock.pts) % wrap) + wrap) % wrap;
  return clock.time + (ticks > wrap / 2 ? ticks - wrap : ticks) / ticksPerMs;
}

/** How many words of the relay are compared: those of some seconds. */
const clocksKept = 5;

/**
 * The relay's last words. Frames arrive there unevenly, and a word is more often about one that was late; so of some, the
 * one about the earliest counts.
 */
export class RelayClocks {
  #clocks: RelayClock[] = [];

  /** Takes what the relay told, about a frame of the same encoder as before. */
  add(clock: RelayClock): void {
    this.#clocks = [...this.#clocks, clock].slice(-clocksKept);
  }

  /** Another encoder counts from elsewhere. */
  reset(): void {
    this.#clocks = [];
  }

  /** When a frame was complete at the relay; null before the first word. */
  timeOf(pts: number): number | null {
    return this.#clocks.length > 0 ? Math.min(...this.#clocks.map((clock) => relayTimeOf(pts, clock))) : null;
  }
}

/** The PTS of the last video frame that begins in these whole transport stream packets; null: none does. */
export function lastPts(bytes: Uint8Array): number | null {
  let found: number | null = null;
  for (let start = 0; start + packetLength <= bytes.length; start += packetLength) {
    found = ptsIn(bytes.subarray(start, start + packetLength)) ?? found;
  }
  return found;
}

/** One packet (2.4.3.2): where a PES packet of video begins in it, its PTS. */
function ptsIn(packet: Uint8Array): number | null {
  const begins = (packet[1]! & 0x40) !== 0;
  const adaptation = packet[3]! & 0x20 ? 1 + packet[4]! : 0;
  const pes = packet.subarray(4 + adaptation);
  if (packet[0] !== 0x47 || !begins || pes.length < 14) return null;
  const isVideo = pes[0] === 0 && pes[1] === 0 && pes[2] === 1 && (pes[3]! & 0xf0) === 0xe0;
  if (!isVideo || (pes[7]! & 0x80) === 0) return null;
  // 3, 15 and 15 bits, a marker behind each; the first three are too many for a shift.
  const high = (pes[9]! >> 1) & 7;
  const middle = (pes[10]! << 7) | (pes[11]! >> 1);
  const low = (pes[12]! << 7) | (pes[13]! >> 1);
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}
