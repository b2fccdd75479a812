import { expect, test } from 'vitest';
import { spectates, tokenQuery } from './site';

test('the token in the address says whether it is one for spectators', () => {
  expect(tokenQuery('?token=s1800000000.abc')).toEqual({ token: 's1800000000.abc' });
  expect(spectates('?token=s1800000000.abc')).toBe(true);
  expect(spectates('?token=1800000000.sbc')).toBe(false);
  expect(spectates('')).toBe(false);
});
