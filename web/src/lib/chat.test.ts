import { describe, expect, test } from 'vitest';
import { countOf, maxChatLines, readChatLine, readViewers, secondsUntil, withLine, withoutLine, withoutPrefix, withPrefix, type ChatLine } from './chat';

const line = (id: string): ChatLine => ({ id, name: 'ada', message: '[Robo] hi', colour: '', anonymous: false, by: 'viewer', mentionsRobot: false });

describe('a chat line', () => {
  test('is read with every field', () => {
    const message = {
      name: 'ada',
      message: '[Robo] hi',
      robot_id: 'robo',
      username_color: '#7bd88f',
      anonymous: true,
      _id: '5f43a0000000000000000001',
    };
    expect(readChatLine(message)).toEqual({
      id: '5f43a0000000000000000001',
      name: 'ada',
      message: '[Robo] hi',
      colour: '#7bd88f',
      anonymous: true,
      by: 'viewer',
      mentionsRobot: false,
    });
  });

  test('says who has said it, and whether it speaks of the robot', () => {
    const by = (marks: object) => readChatLine({ name: 'ada', message: 'hi', ...marks })?.by;
    expect(by({ robot: true })).toBe('robot');
    expect(by({ owner: true, moderator: true })).toBe('owner');
    expect(by({ moderator: true })).toBe('moderator');
    expect(by({ robot: 'yes' })).toBe('viewer');
    expect(readChatLine({ name: 'ada', message: 'hi', mentions_robot: true })?.mentionsRobot).toBe(true);
  });

  test('is none without a name or a message', () => {
    expect(readChatLine(null)).toBeNull();
    expect(readChatLine('hi')).toBeNull();
    expect(readChatLine({ name: 'ada' })).toBeNull();
    expect(readChatLine({ message: 'hi' })).toBeNull();
  });

  test('takes no style from a stranger beyond a plain colour', () => {
    const colour = (username_color: unknown) => readChatLine({ name: 'a', message: 'b', username_color })?.colour;
    expect(colour('#FFaa00')).toBe('#FFaa00');
    expect(colour('red; background: url(//x)')).toBe('');
    expect(colour('#fff')).toBe('');
    expect(colour(7)).toBe('');
  });
});

describe('the robot name in front', () => {
  test('goes, and comes back when something is said', () => {
    expect(withoutPrefix('[Robo] hi [there]', 'Robo')).toBe('hi [there]');
    expect(withPrefix('hi', 'Robo')).toBe('[Robo] hi');
  });

  test('goes when the name has a bracket of its own', () => {
    expect(withoutPrefix('[a]b] hi', 'a]b')).toBe('hi');
  });

  test('goes when it is another robot’s, as in the global room', () => {
    expect(withoutPrefix('[Other] hi', 'Robo')).toBe('hi');
  });

  test('is not missed', () => {
    expect(withoutPrefix('hi', 'Robo')).toBe('hi');
  });
});

describe('the lines on the page', () => {
  test('end with the newest and never hold one twice', () => {
    const lines = withLine(withLine([], line('1')), line('2'));
    expect(withLine(lines, line('1')).map((kept) => kept.id)).toEqual(['1', '2']);
  });

  test('are bounded: the oldest falls out', () => {
    let lines: ChatLine[] = [];
    for (let id = 0; id < maxChatLines; id++) lines = withLine(lines, line(`${id}`));
    expect(lines).toHaveLength(maxChatLines);
    lines = withLine(lines, line('new'));
    expect(lines).toHaveLength(maxChatLines);
    expect(lines[0]?.id).toBe('1');
    expect(lines.at(-1)?.id).toBe('new');
  });

  test('lose what a moderator removed', () => {
    expect(withoutLine([line('1'), line('2')], '1').map((kept) => kept.id)).toEqual(['2']);
  });
});

test('a wait is counted in whole seconds, and is over at its end', () => {
  expect([secondsUntil(5000, 0), secondsUntil(5000, 4001), secondsUntil(5000, 5000), secondsUntil(5000, 9000)]).toEqual([5, 1, 0, 0]);
});

test('who is here is read, and everybody is counted', () => {
  const here = readViewers({ robot_id: 'demo', users: ['ada', 7, 'bob'], others: 2, anonymous: 30 });
  expect(here).toEqual({ names: ['ada', 'bob'], others: 2, anonymous: 30 });
  expect(countOf(here)).toBe(34);
  expect(countOf(readViewers({ others: -1, anonymous: 'many' }))).toBe(0);
});
