import { describe, expect, test } from 'vitest';
import { lastPts, RelayClocks, relayTimeOf } from './pts';

/** A packet in which a PES packet begins, with an adaptation field of so many bytes before it. */
function packet(pts: number | null, { streamId = 0xe0, adaptation = 0, begins = true } = {}): Uint8Array {
  const bytes = new Uint8Array(188).fill(0xff);
  const field = adaptation > 0 ? [adaptation - 1, ...new Array<number>(adaptation - 1).fill(0)] : [];
  const time =
    pts === null
      ? [0x80, 0, 0]
      : [0x80, 0x80, 5, 0x21 | (Math.floor(pts / 2 ** 30) << 1), (pts >> 22) & 0xff, 1 | ((pts >> 14) & 0xfe), (pts >> 7) & 0xff, 1 | ((pts << 1) & 0xfe)];
  const whole = [0x47, (begins ? 0x40 : 0) | 1, 0, adaptation > 0 ? 0x30 : 0x10, ...field, 0, 0, 1, streamId, 0, 0, ...time];
  bytes.set(whole.slice(0, bytes.length));
  return bytes;
}

const together = (...packets: Uint8Array[]) => Uint8Array.from(packets.flatMap((bytes) => [...bytes]));

describe('lastPts', () => {
  test('reads the 33 bits', () => {
    for (const pts of [0, 1, 90_000, 2 ** 15, 2 ** 30 - 1, 2 ** 32 + 12_345, 2 ** 33 - 1]) expect(lastPts(packet(pts))).toBe(pts);
  });

  test('finds the frame behind an adaptation field, and the last of several', () => {
    expect(lastPts(together(packet(3600, { adaptation: 8 }), packet(0, { begins: false }), packet(7200), packet(9000, { streamId: 0xc0 })))).toBe(7200);
  });

  test('is null where no frame of video begins, or one without a PTS', () => {
    expect(lastPts(packet(3600, { begins: false }))).toBeNull();
    expect(lastPts(packet(3600, { streamId: 0xc0 }))).toBeNull();
    expect(lastPts(packet(3600, { adaptation: 175 }))).toBeNull();
    expect(lastPts(packet(3600, { adaptation: 184 }))).toBeNull();
    expect(lastPts(packet(null))).toBeNull();
    expect(lastPts(packet(3600).subarray(0, 187))).toBeNull();
    expect(lastPts(new Uint8Array(188))).toBeNull();
  });
});

describe('relayTimeOf', () => {
  test('counts from the frame that the relay told of, to both sides', () => {
    const clock = { pts: 900_000, time: 1_700_000_000_000 };
    expect(relayTimeOf(900_000, clock)).toBe(1_700_000_000_000);
    expect(relayTimeOf(990_000, clock)).toBe(1_700_000_001_000);
    expect(relayTimeOf(855_000, clock)).toBe(1_699_999_999_500);
  });

  test('goes on where the 33 bits begin anew', () => {
    expect(relayTimeOf(44_000, { pts: 2 ** 33 - 46_000, time: 5000 })).toBe(6000);
    expect(relayTimeOf(2 ** 33 - 46_000, { pts: 44_000, time: 6000 })).toBe(5000);
  });
});

describe('RelayClocks', () => {
  test('know nothing before the first word, nor after another encoder has begun', () => {
    const clocks = new RelayClocks();
    expect(clocks.timeOf(0)).toBeNull();
    clocks.add({ pts: 0, time: 1000 });
    expect(clocks.timeOf(90_000)).toBe(2000);
    clocks.reset();
    expect(clocks.timeOf(0)).toBeNull();
  });

  test('go by the earliest of the last five, whichever frames came late', () => {
    const clocks = new RelayClocks();
    for (const [second, late] of [0, 900, 30, 3, 4, 80].entries()) clocks.add({ pts: second * 90_000, time: 1000 * second + late });
    expect(clocks.timeOf(6 * 90_000)).toBe(6003);
  });
});
