import { describe, expect, test } from 'vitest';
import { ServerClock } from './clock';

describe('the server clock', () => {
  test('is unknown before the first message', () => {
    expect(new ServerClock().at(5)).toBeNull();
  });

  test('is what the message said, later by half its round trip and by what has passed since', () => {
    const clock = new ServerClock();
    clock.measure(1_700_000_000_000, 80, 1000);
    expect(clock.at(1000)).toBe(1_700_000_000_040);
    expect(clock.at(1500)).toBe(1_700_000_000_540);
  });

  test('goes by the message that came earliest, and by the shortest round trip', () => {
    const clock = new ServerClock();
    clock.measure(1000, 20, 0); // 1010 at 0
    clock.measure(3000, 400, 2200); // 200 ms later than the first
    expect(clock.at(0)).toBe(1010);
    clock.measure(5000, 400, 3997); // 3 ms earlier
    expect(clock.at(0)).toBe(1013);
    clock.measure(7000, 10, 6500);
    expect(clock.at(0)).toBe(1008);
  });

  test('forgets what is older than thirty messages, so that it follows a clock that drifts', () => {
    const clock = new ServerClock();
    clock.measure(1000, 2, -5);
    for (let i = 1; i < 30; i++) clock.measure(1000 + i * 2000, 2, i * 2000);
    expect(clock.at(0)).toBe(1006);
    clock.measure(61_000, 2, 60_000);
    expect(clock.at(0)).toBe(1001);
  });

  test('begins anew with another connection', () => {
    const clock = new ServerClock();
    clock.measure(1000, 1, 0);
    clock.reset();
    expect(clock.at(0)).toBeNull();
  });
});
