// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import { hasExclusive, mayDriveNow, readTurnState, readYou, ticket, withChosen } from './turns';

beforeEach(() => sessionStorage.clear());

test('reads who drives, who waits and how long', () => {
  const state = readTurnState(
    {
      robot_id: 'rover',
      mode: 'queue',
      closed: false,
      closed_by: null,
      video_bound: true,
      video_stalled: false,
      vote_seconds: 2.5,
      exclusive: 'anonymous 1',
      exclusive_id: 3,
      exclusive_ends_in_ms: null,
      driver: { id: 1, username: 'ann', anonymous: false, present: true },
      turn_ends_in_ms: 5000,
      line: [{ id: 2, username: '', anonymous: true, present: false }],
    },
    'rover',
    1000,
  );

  expect(state).toEqual({
    mode: 'queue',
    closed: false,
    closedBy: '',
    videoBound: true,
    videoStalled: false,
    voteSeconds: 2.5,
    exclusive: 'anonymous 1',
    exclusiveId: 3,
    exclusiveEnds: null,
    driver: { id: 1, user: 'ann', present: true },
    turnEnds: 6000,
    line: [{ id: 2, user: '', present: false }],
  });
});

test('of what is missing, or of a mode that nobody knows, takes the quiet default', () => {
  expect(readTurnState({ robot_id: 'rover', mode: 'anarchy' }, 'rover', 0)).toMatchObject({ mode: 'everyone', driver: null, turnEnds: null, line: [] });
});

test('passes over the state of another robot', () => {
  expect(readTurnState({ robot_id: 'other' }, 'rover', 0)).toBeNull();
});

test('finds itself by its number, where the server says it', () => {
  expect(readYou({ you: 7 })).toBe(7);
  expect(readYou({})).toBeNull();
});

test('a tab has one ticket', () => {
  expect(ticket()).toMatch(/^[0-9a-f]{32}$/);
  expect(ticket()).toBe(ticket());
});

const shared = (state: object) => readTurnState({ robot_id: 'rover', ...state }, 'rover', 0)!;

test('exclusive control is known by the account, or by the number of who has none', () => {
  expect(hasExclusive(shared({ exclusive: 'ann' }), 1, 'ann')).toBe(true);
  expect(hasExclusive(shared({ exclusive: 'anonymous 1', exclusive_id: 1 }), 1, null)).toBe(true);
  expect(hasExclusive(shared({ exclusive: 'ann', exclusive_id: 2 }), 1, 'bob')).toBe(false);
  expect(hasExclusive(shared({}), null, null)).toBe(false);
});

test('who drives now: those with exclusive control before the mode, and then whom the mode names', () => {
  const [you, name] = [1, 'ann'];
  for (const mode of ['everyone', 'vote']) expect(mayDriveNow(shared({ mode }), you, name, false)).toBe(true);
  expect(mayDriveNow(shared({ mode: 'owner' }), you, name, false)).toBe(false);
  expect(mayDriveNow(shared({ mode: 'owner' }), you, name, true)).toBe(true);
  expect(mayDriveNow(shared({ mode: 'owner', exclusive: 'bob' }), you, name, true)).toBe(false);
  expect(mayDriveNow(shared({ mode: 'owner', exclusive: 'ann' }), you, name, false)).toBe(true);
  expect(mayDriveNow(shared({ mode: 'queue' }), you, name, true)).toBe(false);
  expect(mayDriveNow(shared({ mode: 'queue', driver: { id: 2 } }), you, name, true)).toBe(false);
  expect(mayDriveNow(shared({ mode: 'queue', driver: { id: 1 } }), you, name, false)).toBe(true);
});

test('who is chosen stays to be seen after going, once', () => {
  const [ann, bob] = [{ id: 1 }, { id: 2 }];
  expect(withChosen([ann], null)).toEqual([ann]);
  expect(withChosen([ann], { id: 1 })).toEqual([ann]);
  expect(withChosen([ann], bob)).toEqual([ann, bob]);
});
