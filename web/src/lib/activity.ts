/** Who presses what, from `robot_command_has_hit_webserver`. */

import type { KeyPosition } from './holds';

export interface CommandSeen {
  user: string;
  command: string;
  position: KeyPosition | '';
  /** This viewer's own press, as far as one can tell. */
  own?: boolean;
}

export interface Press {
  /** Unlike that of every other press in the list. */
  id: number;
  user: string;
  own: boolean;
  command: string;
  /** When it began and when it was last heard of, in milliseconds of the caller's clock. */
  since: number;
  seen: number;
  /** False after `up`, or after `lapseMs` without a word. */
  held: boolean;
}

/** A held press repeats every 300 ms; after this long without a repeat it is taken for released. */
export const lapseMs = 1000;

/** How long a finished press stays in view. */
export const lingerMs = 4000;

/** How many presses are kept. */
export const maxPresses = 6;

/** Reads the event; null when it is none. */
export function readCommandSeen(value: unknown, handle: string): CommandSeen | null {
  if (typeof value !== 'object' || value === null) return null;
  const { robot_id, command, user, key_position } = value as Record<string, unknown>;
  if (robot_id !== handle || typeof command !== 'string') return null;
  const position = key_position === 'down' || key_position === 'intermediate' || key_position === 'up' ? key_position : '';
  return { user: typeof user === 'string' ? user : '', command, position };
}

/** The presses, newest first, after one more event. */
export function withCommand(presses: readonly Press[], event: CommandSeen, now: number): Press[] {
  const held = event.position === 'down' || event.position === 'intermediate';
  const current = presses.find((press) => press.held && press.user === event.user && press.command === event.command);
  if (current && event.position !== 'down') {
    return presses.map((press) => (press === current ? { ...press, seen: now, held } : press));
  }
  if (event.position === 'up') return [...presses]; // the end of a press that was before our time
  const press: Press = { id: (presses[0]?.id ?? 0) + 1, user: event.user, own: event.own ?? false, command: event.command, since: now, seen: now, held };
  return [press, ...presses].slice(0, maxPresses);
}

/** The presses after time has passed: silent ones end, old ones go. */
export function withTime(presses: readonly Press[], now: number): Press[] {
  return presses
    .filter((press) => now - press.seen < lingerMs)
    .map((press) => (press.held && now - press.seen >= lapseMs ? { ...press, held: false } : press));
}
