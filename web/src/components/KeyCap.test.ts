// @vitest-environment jsdom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Holds } from '../lib/holds';
import type { Driving } from '../state/controls.svelte';
import KeyCap from './KeyCap.svelte';

let sent: string[];
let holds: Holds;
let cap: HTMLButtonElement;
let component: Record<string, unknown>;

const pointer = (type: string, init: PointerEventInit = {}) => {
  const event = new PointerEvent(type, { bubbles: true, cancelable: true, pointerId: 5, button: 0, ...init });
  cap.dispatchEvent(event);
  return event;
};
const key = (type: string, name: string, init: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent(type, { bubbles: true, cancelable: true, key: name, ...init });
  cap.dispatchEvent(event);
  return event;
};

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  holds = new Holds({ send: (command, position) => sent.push(`${command} ${position}`) });
  const controls = { holds, held: new Set(), presses: [], pressers: new Map(), cooldowns: new Map(), mayPress: () => true, press: holds.press.bind(holds) };
  component = mount(KeyCap, {
    target: document.body,
    props: {
      button: { label: 'Forward', command: 'F', key: 'w' },
      controls: controls as unknown as Driving,
      keyMap: new Map([['w', 'F']]),
    },
  });
  flushSync();
  cap = document.querySelector('button')!;
  cap.setPointerCapture = vi.fn(); // jsdom has no pointer capture
});

afterEach(async () => {
  holds.forget();
  await unmount(component);
  vi.useRealTimers();
});

test('is a button with its label for a name', () => {
  expect(cap.querySelector('.label')?.textContent).toBe('Forward');
  expect(cap.querySelector('.legends')?.getAttribute('aria-hidden')).toBe('true');
});

test('is held from finger down to finger up, and keeps the finger when it leaves the cap', () => {
  pointer('pointerdown');
  expect(cap.setPointerCapture).toHaveBeenCalledWith(5);
  pointer('pointerleave');
  expect(sent).toEqual(['F down']);
  pointer('pointerup');
  expect(sent).toEqual(['F down', 'F up']);
});

test.each(['pointercancel', 'lostpointercapture'])('is let go on %s', (type) => {
  pointer('pointerdown');
  pointer(type);
  expect(sent).toEqual(['F down', 'F up']);
});

test('two fingers are one hold', () => {
  pointer('pointerdown', { pointerId: 1 });
  pointer('pointerdown', { pointerId: 2 });
  pointer('pointerup', { pointerId: 1 });
  expect(sent).toEqual(['F down']);
  pointer('pointerup', { pointerId: 2 });
  expect(sent).toEqual(['F down', 'F up']);
});

test('is not pressed by the right button, and a long touch opens no menu', () => {
  pointer('pointerdown', { button: 2 });
  expect(sent).toEqual([]);
  const menu = new MouseEvent('contextmenu', { bubbles: true, cancelable: true });
  cap.dispatchEvent(menu);
  expect(menu.defaultPrevented).toBe(true);
});

test('is held by Enter or Space while it has the focus, and let go when it loses it', () => {
  expect(key('keydown', 'Enter').defaultPrevented).toBe(true);
  key('keydown', 'Enter', { repeat: true });
  key('keyup', 'Enter');
  key('keydown', ' ');
  cap.dispatchEvent(new FocusEvent('blur'));
  expect(sent).toEqual(['F down', 'F up', 'F down', 'F up']);
});

test('a click without a finger, as a screen reader makes it, is a short press', () => {
  cap.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 0 }));
  expect(sent).toEqual(['F down']);
  vi.advanceTimersByTime(150);
  expect(sent).toEqual(['F down', 'F up']);
});

test('the click that follows a finger is nothing of its own', () => {
  cap.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }));
  expect(sent).toEqual([]);
});

test('shows how many vote for it, how long it rests, and its own colour', async () => {
  await unmount(component);
  const now = 1_000;
  const resting = {
    holds,
    held: new Set(),
    presses: [],
    pressers: new Map([['F', [{ id: 1, user: 'ann' }, { id: 2, user: '' }]]]),
    cooldowns: new Map([['F', { from: now, until: now + 2_500 }]]),
    turns: { mode: 'vote' },
    obeyed: 'F',
    now,
    mayPress: () => true,
    press: () => undefined,
  };
  component = mount(KeyCap, {
    target: document.body,
    props: { button: { label: 'Forward', command: 'F', color: '#000080' }, controls: resting as unknown as Driving, keyMap: new Map() },
  });
  flushSync();
  cap = document.querySelector('button')!;

  expect(cap.querySelector('.count')?.textContent).toBe('2');
  expect(cap.querySelector('.seconds')?.textContent).toBe('3 s');
  expect(cap.title).toBe('Pressed by ann, Someone');
  expect(cap.classList.contains('obeyed')).toBe(true);
  expect(cap.style.getPropertyValue('--own-ink')).toBe('#ffffff');
});
