import { expect, test } from 'vitest';
import { wordsOf } from './words';

test('reads a list however it is separated', () => {
  expect(wordsOf(' ann, bob\n cid,,')).toEqual(['ann', 'bob', 'cid']);
  expect(wordsOf('  ')).toEqual([]);
});
