import { expect, test } from 'vitest';
import { readNode } from './nodes';

test('a node is read with what its services do', () => {
  const service = { name: 'control', slots: [0, 2], robots: 3, viewers: 12 };
  const node = { name: 'one', since: '2026-11-01T10:00:00Z', draining: true, services: [service] };
  expect(readNode(node)).toEqual(node);
});

test('a node of which little is told does nothing', () => {
  expect(readNode({ name: 'one', services: [{ name: 'api', slots: ['x'], robots: -1 }, null] })).toEqual({
    name: 'one',
    since: '',
    draining: false,
    services: [{ name: 'api', slots: [], robots: 0, viewers: 0 }, { name: '', slots: [], robots: 0, viewers: 0 }],
  });
});
