/** From keys to commands. */

import type { ButtonPanel } from './robots';
import type { Holds } from './holds';

/** Tokens of a key, as `keyTokens` makes them, to the command that it holds. */
export type KeyMap = ReadonlyMap<string, string>;

/** The letters that drive beside the arrows, unless the owner gave them to another button. */
const letters: Record<string, string> = { arrowup: 'w', arrowleft: 'a', arrowdown: 's', arrowright: 'd' };

/** The keys of all buttons. The first button that names a key has it. */
export function keyMapOf(panels: readonly ButtonPanel[]): KeyMap {
  const map = new Map<string, string>();
  const bind = (token: string, command: string) => {
    if (!map.has(token)) map.set(token, command);
  };
  const buttons = panels.flatMap((panel) => panel.buttons);
  for (const button of buttons) if (button.key) bind(button.key.toLowerCase(), button.command);
  for (const [arrow, letter] of Object.entries(letters)) {
    const command = map.get(arrow);
    if (command === undefined) continue;
    // By place on the keyboard, so that WASD stays a cross on every layout, unless that letter is taken.
    if (!map.has(letter)) bind(`key${letter}`, command);
  }
  return map;
}

/** What a key is called in a key map: by what it types and by where it is. */
export function keyTokens(event: Pick<KeyboardEvent, 'key' | 'code'>): string[] {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  return [key, event.code.toLowerCase()];
}

/** The caps' legends for a command: `['↑', 'W']`. */
export function keyLegends(map: KeyMap, command: string): string[] {
  const symbols: Record<string, string> = { arrowup: '↑', arrowdown: '↓', arrowleft: '←', arrowright: '→' };
  return [...map]
    .filter(([, bound]) => bound === command)
    .map(([token]) => symbols[token] ?? token.replace(/^(key|digit)(?=.$)/, '').toUpperCase());
}

/** Whether what has the focus takes text or keys of its own, so that keys there never drive. */
export function takesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest('input, textarea, select, [contenteditable]:not([contenteditable="false"])') !== null;
}

/** Drives by keyboard until the returned function is called. */
export function bindKeyboard(holds: Holds, keyMap: () => KeyMap, mayPress: (command: string) => boolean): () => void {
  const down = (event: KeyboardEvent) => {
    if (event.key === 'Meta') return holds.releaseAll(); // macOS sends no keyup for keys released under it
    if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target)) return;
    if (event.key === 'Tab' || event.key === 'Escape') return;
    const pressesControl = event.key === 'Enter' || event.key === ' ';
    if (pressesControl && event.target instanceof Element && event.target.closest('button, a')) return;

    const map = keyMap();
    const command = keyTokens(event)
      .map((token) => map.get(token))
      .find((found) => found !== undefined);
    if (command === undefined) return;
    event.preventDefault(); // arrows would scroll the page
    if (!event.repeat && mayPress(command)) holds.press(`key:${event.code}`, command);
  };
  const up = (event: KeyboardEvent) => holds.release(`key:${event.code}`);
  const focus = (event: FocusEvent) => {
    if (takesKeys(event.target)) holds.releaseAll();
  };
  window.addEventListener('keydown', down);
  window.addEventListener('keyup', up);
  window.addEventListener('focusin', focus);
  return () => {
    window.removeEventListener('keydown', down);
    window.removeEventListener('keyup', up);
    window.removeEventListener('focusin', focus);
  };
}

/** Lets everything go when the page can no longer see a key or finger come up. */
export function bindLettingGo(holds: Holds): () => void {
  const letGo = () => holds.releaseAll();
  const hidden = () => {
    if (document.hidden) letGo();
  };
  window.addEventListener('blur', letGo);
  window.addEventListener('pagehide', letGo);
  document.addEventListener('visibilitychange', hidden);
  return () => {
    window.removeEventListener('blur', letGo);
    window.removeEventListener('pagehide', letGo);
    document.removeEventListener('visibilitychange', hidden);
  };
}
