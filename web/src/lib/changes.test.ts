import { expect, test } from 'vitest';
import { changesOf } from './changes';

test('only what is different was changed, lists compared by what they hold', () => {
  const read = { robot_name: 'Rover', drivers: ['ann'], xres: 640, button_panels: [{ label: 'Drive' }] };
  expect(changesOf(read, structuredClone(read))).toEqual({});
  expect(changesOf(read, { ...read, drivers: ['ann', 'bob'], xres: 1280 })).toEqual({ drivers: ['ann', 'bob'], xres: 1280 });
});
