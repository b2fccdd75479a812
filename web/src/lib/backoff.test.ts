import { describe, expect, test } from 'vitest';
import { backoffMs } from './backoff';

describe('waiting before the next attempt', () => {
  test('doubles from half a second to eight', () => {
    const middle = () => 0.5;
    expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, middle))).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test('is spread by a quarter', () => {
    expect(backoffMs(1, () => 0)).toBe(750);
    expect(backoffMs(1, () => 1)).toBe(1250);
  });
});
