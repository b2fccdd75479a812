import { expect, test } from 'vitest';
import { leader, readCooldown, stillCooling, withPressers, type Pressers } from './pressers';

const nobody: Pressers = new Map();
const pip = (command: string, ...names: string[]) => ({
  robot_id: 'rover',
  command,
  users: Object.fromEntries(names.map((username, id) => [username || `anonymous ${id}`, { id, username, anonymous: !username }])),
});

test('keeps who presses each command, and forgets commands that nobody presses', () => {
  const pressed = withPressers(withPressers(nobody, pip('F', 'ann', ''), 'rover'), pip('L', 'bob'), 'rover');
  expect([...pressed]).toEqual([
    ['F', [{ id: 0, user: 'ann', order: 1 }, { id: 1, user: '', order: 2 }]],
    ['L', [{ id: 0, user: 'bob', order: 3 }]],
  ]);
  expect([...withPressers(pressed, pip('F'), 'rover').keys()]).toEqual(['L']);
});

test('passes over who presses the buttons of another robot', () => {
  expect(withPressers(nobody, { ...pip('F', 'ann'), robot_id: 'other' }, 'rover')).toBe(nobody);
});

test('the command that most want leads; of two that as many want, the one that was wanted first', () => {
  expect(leader(nobody)).toBeNull();
  const one = withPressers(nobody, pip('F', 'ann', 'bob'), 'rover');
  expect(leader(withPressers(one, pip('L', 'cid'), 'rover'))).toEqual({ command: 'F', count: 2, all: 3, ties: false });
  const two = withPressers(one, pip('L', 'cid', 'dan'), 'rover');
  expect(leader(two)).toEqual({ command: 'F', count: 2, all: 4, ties: true });
  // Those who wanted F first let it go; who wants it now came after L.
  const anew = withPressers(withPressers(two, pip('F'), 'rover'), pip('F', 'eve', 'fay'), 'rover');
  expect(leader(anew)).toEqual({ command: 'L', count: 2, all: 4, ties: true });
});

test('a button rests as long as it is told, and no longer', () => {
  const read = readCooldown({ robot_id: 'rover', command: 'F', ms: 500 }, 'rover', 1000)!;
  expect(read).toEqual({ command: 'F', cooldown: { from: 1000, until: 1500 } });
  const cooling = new Map([[read.command, read.cooldown]]);
  expect(stillCooling(cooling, 1499).size).toBe(1);
  expect(stillCooling(cooling, 1500).size).toBe(0);
  expect(readCooldown({ robot_id: 'other', command: 'F', ms: 500 }, 'rover', 0)).toBeNull();
});
