import { describe, expect, test } from 'vitest';
import { inOrder, isSought, presenceOf, withStatus, type Robot } from './robots';

const robot = (handle: string, facts: Partial<Robot> = {}): Robot => ({
  handle,
  name: handle,
  description: '',
  owner: 'ada',
  online: true,
  live: true,
  video: 'flowing',
  viewers: 0,
  cameras: [],
  ...facts,
});

describe('presence', () => {
  test('is live only while video flows', () => {
    expect(presenceOf({ online: true, video: 'flowing' })).toBe('live');
    expect(presenceOf({ online: true, video: 'stalled' })).toBe('no-picture');
    expect(presenceOf({ online: true, video: 'none' })).toBe('no-picture');
    expect(presenceOf({ online: false, video: 'none' })).toBe('offline');
    expect(presenceOf({ online: false, video: 'stalled' })).toBe('offline');
  });

  test('follows a status, which leaves the rest as it was', () => {
    const before = robot('a', { viewers: 4 });
    expect(withStatus(before, { robot_id: 'a', video: 'stalled' })).toEqual({ ...before, video: 'stalled' });
    expect(withStatus(before, { robot_id: 'a', online: false, video: 'none', viewers: 0 })).toMatchObject({
      online: false,
      video: 'none',
      viewers: 0,
    });
  });

  test('keeps a fight of two encoders until a status says that it is over', () => {
    const fought = withStatus(robot('a'), { robot_id: 'a', feed_conflict: 'video' });
    expect(withStatus(fought, { robot_id: 'a', viewers: 2 }).feed_conflict).toBe('video');
    expect(withStatus(fought, { robot_id: 'a', feed_conflict: null }).feed_conflict).toBeNull();
  });
});

test('live robots come first, the most watched before the others, then those without a picture, then the rest', () => {
  const robots = [
    robot('off', { online: false, video: 'none' }),
    robot('dark', { video: 'none', viewers: 9 }),
    robot('quiet', { viewers: 1 }),
    robot('busy', { viewers: 5 }),
    robot('also quiet', { viewers: 1 }),
  ];
  expect(inOrder(robots).map((one) => one.handle)).toEqual(['busy', 'also quiet', 'quiet', 'dark', 'off']);
});

test('a robot is found by words of its name, its owner or its description, in any order', () => {
  const owl = robot('owl', { name: 'Greenhouse Owl', owner: 'olga', description: 'Watches tomatoes' });
  for (const sought of ['', ' ', 'OWL', 'tomato olga', 'green']) expect(isSought(owl, sought)).toBe(true);
  for (const sought of ['cat', 'owl cat']) expect(isSought(owl, sought)).toBe(false);
});
