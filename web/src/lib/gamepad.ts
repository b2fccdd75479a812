/**
 * From gamepads to commands. The pad's cross and its left stick are the arrow keys; its other buttons press what a button
 * names as its key: `gamepad0` to `gamepad11`, numbered as https://w3c.github.io/gamepad/#remapping does.
 */

import type { Holds } from './holds';
import type { KeyMap } from './keyboard';

/** How far a stick must be pushed, and how far it may come back before that ends. */
const pushed = 0.5;
const returned = 0.35;

/** The cross, by button. */
const cross: Record<number, string> = { 12: 'arrowup', 13: 'arrowdown', 14: 'arrowleft', 15: 'arrowright' };

/** The left stick: axis, direction, key. */
const stick = [
  [1, -1, 'arrowup'],
  [1, 1, 'arrowdown'],
  [0, -1, 'arrowleft'],
  [0, 1, 'arrowright'],
] as const;

type Pad = Pick<Gamepad, 'axes'> & { buttons: readonly Pick<GamepadButton, 'pressed'>[] };

/** The keys that a pad holds down. `before`: those of a moment ago, so that a stick at its threshold does not flutter. */
export function padKeys({ axes, buttons }: Pad, before: ReadonlySet<string>): Set<string> {
  const keys = new Set<string>();
  for (const [index, button] of buttons.entries()) if (button.pressed) keys.add(cross[index] ?? `gamepad${index}`);
  for (const [axis, direction, key] of stick) {
    if ((axes[axis] ?? 0) * direction >= (before.has(key) ? returned : pushed)) keys.add(key);
  }
  return keys;
}

/** Drives by gamepad until the returned function is called. */
export function bindGamepads(holds: Holds, keyMap: () => KeyMap, mayPress: (command: string) => boolean): () => void {
  let before = new Set<string>();
  let frame = 0;

  const look = () => {
    const pads = navigator.getGamepads().filter((pad) => pad !== null);
    const now = new Set(pads.flatMap((pad) => [...padKeys(pad, before)]));
    for (const key of before) if (!now.has(key)) holds.release(`pad:${key}`);
    for (const key of now) {
      const command = before.has(key) ? undefined : keyMap().get(key);
      if (command !== undefined && mayPress(command)) holds.press(`pad:${key}`, command);
    }
    before = now;
    // Without a pad nobody looks, until one is connected.
    frame = pads.length > 0 ? requestAnimationFrame(look) : 0;
  };
  const begin = () => {
    if (frame === 0) frame = requestAnimationFrame(look);
  };

  window.addEventListener('gamepadconnected', begin);
  return () => {
    window.removeEventListener('gamepadconnected', begin);
    cancelAnimationFrame(frame);
  };
}
