import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Holds, type KeyPosition } from './holds';

describe('Holds', () => {
  let sent: string[];
  let ids: Map<string, number>;
  let holds: Holds;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    ids = new Map();
    holds = new Holds({
      send(command: string, position: KeyPosition, holdId: number) {
        sent.push(`${command} ${position}`);
        ids.set(command, holdId);
      },
    });
  });

  afterEach(() => vi.useRealTimers());

  test('a press is down at once, intermediate every 300 ms, and up on release', () => {
    holds.press('key:KeyW', 'F');
    expect(sent).toEqual(['F down']);

    vi.advanceTimersByTime(299);
    expect(sent).toEqual(['F down']);
    vi.advanceTimersByTime(1);
    expect(sent).toEqual(['F down', 'F intermediate']);
    vi.advanceTimersByTime(300);
    holds.release('key:KeyW');
    expect(sent).toEqual(['F down', 'F intermediate', 'F intermediate', 'F up']);

    vi.advanceTimersByTime(5000);
    expect(sent).toHaveLength(4);
  });

  test('two inputs on one command are one hold, which ends with the last of them', () => {
    holds.press('key:KeyW', 'F');
    holds.press('key:ArrowUp', 'F');
    holds.press('pointer:1', 'F');
    holds.release('key:KeyW');
    holds.release('pointer:1');
    expect(sent).toEqual(['F down']);

    holds.release('key:ArrowUp');
    expect(sent).toEqual(['F down', 'F up']);
  });

  test('pressing the same input again changes nothing', () => {
    holds.press('key:KeyW', 'F');
    holds.press('key:KeyW', 'F');
    holds.release('key:KeyW');
    expect(sent).toEqual(['F down', 'F up']);
  });

  test('an input that moves to another command lets the first one go before it presses the second', () => {
    holds.press('pointer:1', 'F');
    holds.press('pointer:1', 'L');
    expect(sent).toEqual(['F down', 'F up', 'L down']);
  });

  test('two commands are held side by side', () => {
    holds.press('pointer:1', 'F');
    holds.press('pointer:2', 'L');
    vi.advanceTimersByTime(300);
    expect([...holds.held]).toEqual(['F', 'L']);
    expect(sent).toEqual(['F down', 'L down', 'F intermediate', 'L intermediate']);
  });

  test('letting everything go sends one up for every held command, and their inputs are unknown after', () => {
    holds.press('key:KeyW', 'F');
    holds.press('key:ArrowUp', 'F');
    holds.press('pointer:2', 'L');
    holds.releaseAll();
    expect(sent).toEqual(['F down', 'L down', 'F up', 'L up']);

    holds.release('key:KeyW');
    holds.releaseAll();
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(4);
    expect(holds.held.size).toBe(0);
  });

  test('a lost connection ends all holds without a word, and a fresh press begins again', () => {
    holds.press('key:KeyW', 'F');
    holds.forget();
    vi.advanceTimersByTime(1000);
    holds.release('key:KeyW');
    expect(sent).toEqual(['F down']);

    holds.press('key:KeyW', 'F');
    expect(sent).toEqual(['F down', 'F down']);
  });

  test('a refused down ends the hold: nothing repeats, and there is nothing to let go', () => {
    holds.press('key:KeyW', 'F');
    holds.refuse(ids.get('F')!, 'down');
    vi.advanceTimersByTime(1000);
    holds.release('key:KeyW');
    expect(sent).toEqual(['F down']);
    expect(holds.held.size).toBe(0);
  });

  test('a refused repeat ends the hold with an up, since the server may still hold it', () => {
    holds.press('key:KeyW', 'F');
    vi.advanceTimersByTime(300);
    holds.refuse(ids.get('F')!, 'intermediate');
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual(['F down', 'F intermediate', 'F up']);
  });

  test('a late refusal of one hold does not end the next', () => {
    holds.press('key:KeyW', 'F');
    const first = ids.get('F')!;
    holds.release('key:KeyW');
    holds.press('key:KeyW', 'F');
    holds.refuse(first, 'down');
    expect(holds.held.has('F')).toBe(true);
  });

  test('a hold that the server ended is over for all its inputs, without an up', () => {
    holds.press('key:KeyW', 'F');
    holds.press('pointer:1', 'F');
    holds.lapse('F', false);
    holds.release('key:KeyW');
    holds.release('pointer:1');
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual(['F down']);
  });

  test('a refused up is no reason to do anything', () => {
    holds.press('key:KeyW', 'F');
    holds.refuse(ids.get('F')!, 'up');
    expect(holds.held.has('F')).toBe(true);
  });

  test('the held commands are told after each change', () => {
    const told: string[][] = [];
    const watched = new Holds({ send: () => undefined, changed: (held) => told.push([...held]) });
    watched.press('a', 'F');
    watched.press('b', 'F');
    watched.press('c', 'L');
    watched.release('a');
    watched.release('b');
    expect(told).toEqual([['F'], ['F', 'L'], ['L']]);
    watched.releaseAll();
  });
});
