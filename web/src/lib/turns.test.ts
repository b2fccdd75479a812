// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import { readTurnState, readYou, ticket } from './turns';

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
