/** How a robot is shared now: `control_state`. */

import { list, record, text } from './api';

export const modes = ['everyone', 'vote', 'queue', 'owner'] as const;
export type Mode = (typeof modes)[number];

/** Somebody who drives or waits. `id` tells people without a name apart. */
export interface Place {
  id: number;
  user: string;
  present: boolean;
}

export interface TurnState {
  mode: Mode;
  closed: boolean;
  closedBy: string;
  /** The robot is driven only while its picture moves. */
  videoBound: boolean;
  videoStalled: boolean;
  /** How long votes are counted, in seconds. */
  voteSeconds: number;
  /** The name of who has exclusive control; empty: nobody has it. */
  exclusive: string;
  /** The number of who has it, if they are here. */
  exclusiveId: number | null;
  /** When exclusive control ends by itself, in milliseconds of the page's clock; null: when it is ended. */
  exclusiveEnds: number | null;
  driver: Place | null;
  /** When the turn ends, in milliseconds of the page's clock; null: while nobody else wants one. */
  turnEnds: number | null;
  line: Place[];
}

/** Reads the event; null when it is of another robot. What is missing takes the quiet default. */
export function readTurnState(value: unknown, handle: string, now: number): TurnState | null {
  const state = record(value);
  if (state['robot_id'] !== handle) return null;
  const at = (left: unknown) => (typeof left === 'number' ? now + left : null);
  return {
    mode: modes.find((mode) => mode === state['mode']) ?? 'everyone',
    closed: state['closed'] === true,
    closedBy: text(state['closed_by']),
    videoBound: state['video_bound'] === true,
    videoStalled: state['video_stalled'] === true,
    voteSeconds: typeof state['vote_seconds'] === 'number' ? state['vote_seconds'] : 1,
    exclusive: text(state['exclusive']),
    exclusiveId: typeof state['exclusive_id'] === 'number' ? state['exclusive_id'] : null,
    exclusiveEnds: at(state['exclusive_ends_in_ms']),
    driver: readPlace(state['driver']),
    turnEnds: at(state['turn_ends_in_ms']),
    line: list(state['line'])
      .map(readPlace)
      .filter((place) => place !== null),
  };
}

/** Whether exclusive control is this viewer's: by its account or, without one, by its number here. */
export function hasExclusive(state: TurnState, you: number | null, name: string | null): boolean {
  return state.exclusive !== '' && (state.exclusive === name || (state.exclusiveId !== null && state.exclusiveId === you));
}

/** Whether the way in which the robot is shared lets this viewer drive now; docs/control.md has the rules. */
export function mayDriveNow(state: TurnState, you: number | null, name: string | null, owns: boolean): boolean {
  if (state.exclusive) return hasExclusive(state, you, name);
  if (state.mode === 'owner') return owns;
  return state.mode !== 'queue' || (state.driver !== null && state.driver.id === you);
}

/** Those to choose from, with the one who is chosen, who may have gone from among them meanwhile. */
export function withChosen<T extends { id: number }>(here: readonly T[], chosen: T | null): readonly T[] {
  return chosen && !here.some(({ id }) => id === chosen.id) ? [...here, chosen] : here;
}

/** The number by which one finds oneself, which only the first state of a connection has. */
export function readYou(value: unknown): number | null {
  const you = record(value)['you'];
  return typeof you === 'number' ? you : null;
}

function readPlace(value: unknown): Place | null {
  const place = record(value);
  const id = place['id'];
  return typeof id === 'number' ? { id, user: text(place['username']), present: place['present'] !== false } : null;
}

/** A secret by which the server knows this tab again after a lost connection. */
export function ticket(): string {
  const name = 'liverobot-ticket';
  const kept = sessionStorage.getItem(name);
  if (kept) return kept;
  const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  sessionStorage.setItem(name, made);
  return made;
}
