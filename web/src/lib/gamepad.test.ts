// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest';
import { bindGamepads, padKeys } from './gamepad';
import { Holds } from './holds';

const pad = (axes: number[], ...down: number[]) => ({ axes, buttons: Array.from({ length: 16 }, (_, index) => ({ pressed: down.includes(index) })) });
const none: ReadonlySet<string> = new Set();

afterEach(() => vi.restoreAllMocks());

test('the cross and the stick are arrows, other buttons have numbers', () => {
  expect([...padKeys(pad([0, 0], 12, 0), none)]).toEqual(['gamepad0', 'arrowup']);
  expect([...padKeys(pad([0.9, -0.9]), none)].sort()).toEqual(['arrowright', 'arrowup']);
});

test('a stick at its threshold does not flutter', () => {
  expect(padKeys(pad([0.4, 0]), none).size).toBe(0);
  expect([...padKeys(pad([0.4, 0]), new Set(['arrowright']))]).toEqual(['arrowright']);
  expect(padKeys(pad([0.3, 0]), new Set(['arrowright'])).size).toBe(0);
});

test('holds while it is held, and lets go', () => {
  const sent: string[] = [];
  const holds = new Holds({ send: (command, position) => sent.push(`${command} ${position}`) });
  let look: FrameRequestCallback = () => undefined;
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => ((look = callback), 1));
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  let now = pad([0, 0], 12);
  navigator.getGamepads = () => [now as unknown as Gamepad, null, null, null];

  const unbind = bindGamepads(holds, () => new Map([['arrowup', 'F']]), () => true);
  window.dispatchEvent(new Event('gamepadconnected'));
  look(0);
  look(16);
  now = pad([0, 0]);
  look(32);
  unbind();

  expect(sent).toEqual(['F down', 'F up']);
  vi.unstubAllGlobals();
});
