// @vitest-environment jsdom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import type { TurnState } from '../lib/turns';
import Line from './Line.svelte';

const queue: TurnState = {
  mode: 'queue',
  closed: false,
  closedBy: '',
  videoBound: false,
  videoStalled: false,
  voteSeconds: 1,
  exclusive: '',
  exclusiveId: null,
  exclusiveEnds: null,
  driver: { id: 1, user: 'ann', present: true },
  turnEnds: 70_000,
  line: [
    { id: 2, user: '', present: true },
    { id: 3, user: 'bob', present: false },
  ],
};

let component: Record<string, unknown>;

const shown = (turns: TurnState) => {
  component = mount(Line, { target: document.body, props: { turns, you: 2, now: 5_000 } });
  flushSync();
  return [...document.querySelectorAll('li')].map((place) => place.textContent.replace(/\s+/g, ' ').trim());
};

afterEach(() => void unmount(component));

test('names the driver with its time, and everybody who waits with their place', () => {
  expect(shown(queue)).toEqual(['ann 1:05', '1 Visitor 2 you', '2 bob (away)']);
});

test('shows no time while the turn’s clock stands still', () => {
  expect(shown({ ...queue, exclusive: 'olga' })[0]).toBe('ann');
});
