/**
 * How long to wait before the next attempt, in milliseconds: doubling from half a second to eight seconds, spread by a
 * quarter so that the viewers of a restarted server do not all come at once.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(500 * 2 ** attempt, 8000);
  return whole * (0.75 + 0.5 * random());
}
