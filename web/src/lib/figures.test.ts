import { describe, expect, test } from 'vitest';
import { pictureFigures } from './figures';

const serverTimeAt = (moment: number) => 1_700_000_000_000 + moment;
const none = { dropped: 0, skips: 0 };

describe('figures of the picture', () => {
  test('are unknown before the first frame', () => {
    expect(pictureFigures({ shown: null, ...none }, serverTimeAt, 500)).toEqual({ relayToScreenMs: null, ageMs: null, ...none });
  });

  test('say how long the frame took from the relay to the screen, and how long it has been there', () => {
    const shown = { at: 480, relayTime: 1_700_000_000_400 };
    expect(pictureFigures({ shown, dropped: 3, skips: 1 }, serverTimeAt, 500)).toEqual({ relayToScreenMs: 80, ageMs: 20, dropped: 3, skips: 1 });
  });

  test('have no delay while either clock is unknown', () => {
    expect(pictureFigures({ shown: { at: 480, relayTime: null }, ...none }, serverTimeAt, 500).relayToScreenMs).toBeNull();
    expect(pictureFigures({ shown: { at: 480, relayTime: 1_700_000_000_400 }, ...none }, () => null, 500).relayToScreenMs).toBeNull();
  });

  test('have no delay when the picture stands still, but an age', () => {
    const shown = { at: 480, relayTime: 1_700_000_000_400 };
    expect(pictureFigures({ shown, ...none }, serverTimeAt, 3480)).toEqual({ relayToScreenMs: null, ageMs: 3000, ...none });
  });

  test('are not negative where two clocks differ by more than the delay', () => {
    expect(pictureFigures({ shown: { at: 480, relayTime: 1_700_000_000_483 }, ...none }, serverTimeAt, 500).relayToScreenMs).toBe(0);
    expect(pictureFigures({ shown: { at: 500.2, relayTime: null }, ...none }, serverTimeAt, 500).ageMs).toBe(0);
  });
});
