import { expect, test } from 'vitest';
import { asJson, fromJson, keyName, maxButtons, moved, problemOf } from './panels';

const panel = (...commands: string[]) => ({ button_panel_label: '', buttons: commands.map((command) => ({ label: command, command })) });
const orders = (panels: ReturnType<typeof panel>[]) => panels.map(({ buttons }) => buttons.map(({ command }) => command).join(''));

test('a button is taken to another place, in its panel or in another', () => {
  const panels = [panel('a', 'b', 'c'), panel('d')];
  expect(orders(moved(panels, { panel: 0, index: 0 }, { panel: 0, index: 1 }))).toEqual(['bac', 'd']);
  expect(orders(moved(panels, { panel: 0, index: 2 }, { panel: 1, index: 0 }))).toEqual(['ab', 'cd']);
  expect(orders(moved(panels, { panel: 0, index: 2 }, { panel: 0, index: 9 }))).toEqual(['abc', 'd']);
  expect(orders(moved(panels, { panel: 0, index: 5 }, { panel: 1, index: 0 }))).toEqual(['abc', 'd']);
});

test('every button wants a command, and a key belongs to one button', () => {
  expect(problemOf([panel('a', 'b')])).toBeNull();
  expect(problemOf([panel('a', ' ')])).toEqual({ kind: 'command', panel: 0, index: 1 });
  const keys = [panel('a'), panel('b')];
  for (const { buttons } of keys) Object.assign(buttons[0]!, { key: 'W' });
  expect(problemOf(keys)).toEqual({ kind: 'key', panel: 1, index: 0 });
});

test('as many buttons as the server takes are taken, and not one more', () => {
  const full = Array.from({ length: maxButtons }, (_, i) => `c${i}`);
  expect(problemOf([panel(...full)])).toBeNull();
  expect(problemOf([panel(...full, 'more')])?.kind).toBe('buttons');
});

test('colours and cooldowns are what the server takes', () => {
  const colour = (color: string) => problemOf([{ button_panel_label: '', buttons: [{ label: '', command: 'a', color }] }])?.kind;
  expect(colour('#ff0000')).toBeUndefined();
  expect(colour('red')).toBe('colour');
  expect(problemOf([{ button_panel_label: '', buttons: [{ label: '', command: 'a', cooldown: -1 }] }])?.kind).toBe('cooldown');
});

test('panels survive their text, with what we do not know', () => {
  const panels = [{ button_panel_label: 'Arm', buttons: [{ label: 'Up', command: 'U', premium: true }] }];
  expect(fromJson(asJson(panels))).toEqual(panels);
  expect(fromJson('{')).toBeNull();
  expect(fromJson('{}')).toBeNull();
});

test('keys are named as buttons name them', () => {
  expect(keyName({ key: ' ' })).toBe('space');
  expect(keyName({ key: 'W' })).toBe('w');
  expect(keyName({ key: 'ArrowUp' })).toBe('ArrowUp');
});
