import { expect, test } from 'vitest';
import { faceOf } from './face';

test('a robot always has the same face, and robots differ', () => {
  expect(faceOf('demo')).toEqual(faceOf('demo'));
  const faces = new Set(Array.from({ length: 40 }, (_, i) => JSON.stringify(faceOf(`robot-${i}`))));
  expect(faces.size).toBeGreaterThan(35);
});
