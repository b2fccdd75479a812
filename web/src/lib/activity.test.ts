import { describe, expect, test } from 'vitest';
import { lapseMs, lingerMs, maxPresses, readCommandSeen, withCommand, withTime, type CommandSeen, type Press } from './activity';

describe('who presses what', () => {
  const seen = (user: string, position: CommandSeen['position'], command = 'F'): CommandSeen => ({ user, command, position });

  test('is read for this robot only', () => {
    const event = { robot_id: 'demo', command: 'F', user: 'ada', key_position: 'down' };
    expect(readCommandSeen(event, 'demo')).toEqual(seen('ada', 'down'));
    expect(readCommandSeen(event, 'other')).toBeNull();
    expect(readCommandSeen({ ...event, key_position: 'sideways' }, 'demo')?.position).toBe('');
    expect(readCommandSeen('F', 'demo')).toBeNull();
  });

  test('a hold is one press, from down to up', () => {
    let presses = withCommand([], seen('ada', 'down'), 0);
    presses = withCommand(presses, seen('ada', 'intermediate'), 300);
    expect(presses).toEqual([{ id: 1, user: 'ada', own: false, command: 'F', since: 0, seen: 300, held: true }]);
    presses = withCommand(presses, seen('ada', 'up'), 400);
    expect(presses).toEqual([{ id: 1, user: 'ada', own: false, command: 'F', since: 0, seen: 400, held: false }]);
  });

  test('a press of one’s own is marked', () => {
    expect(withCommand([], { ...seen('', 'down'), own: true }, 0)).toMatchObject([{ own: true }]);
  });

  test('two people on one button are two presses, the newest first', () => {
    const presses = withCommand(withCommand([], seen('ada', 'down'), 0), seen('bob', 'down'), 10);
    expect(presses.map((press) => press.user)).toEqual(['bob', 'ada']);
  });

  test('a command without a key position is a short press', () => {
    expect(withCommand([], seen('old client', ''), 0)).toMatchObject([{ held: false }]);
  });

  test('the end of a press that was before our time is nothing', () => {
    expect(withCommand([], seen('ada', 'up'), 0)).toEqual([]);
  });

  test('silence ends a press, time takes it from view, and only so many are kept', () => {
    let presses: Press[] = withCommand([], seen('ada', 'down'), 0);
    expect(withTime(presses, lapseMs - 1)[0]?.held).toBe(true);
    expect(withTime(presses, lapseMs)[0]?.held).toBe(false);
    expect(withTime(presses, lingerMs)).toEqual([]);
    for (let i = 0; i <= maxPresses; i++) presses = withCommand(presses, seen(`user ${i}`, 'down'), 1);
    expect(presses).toHaveLength(maxPresses);
    expect(new Set(presses.map((press) => press.id)).size).toBe(maxPresses);
  });
});
