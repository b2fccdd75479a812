/** How a robot is shared: `control_state`, and what its owner does about it over HTTP. */

import { list, record, send, text } from './api';

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
  videoStalled: boolean;
  /** The account with exclusive control; empty: nobody has it. */
  exclusive: string;
  driver: Place | null;
  /** When the turn ends, in milliseconds of the page's clock; null: while nobody else wants one. */
  turnEnds: number | null;
  line: Place[];
}

/** Reads the event; null when it is of another robot. What is missing takes the quiet default. */
export function readTurnState(value: unknown, handle: string, now: number): TurnState | null {
  const state = record(value);
  if (state['robot_id'] !== handle) return null;
  const left = state['turn_ends_in_ms'];
  return {
    mode: modes.find((mode) => mode === state['mode']) ?? 'everyone',
    closed: state['closed'] === true,
    closedBy: text(state['closed_by']),
    videoStalled: state['video_stalled'] === true,
    exclusive: text(state['exclusive']),
    driver: readPlace(state['driver']),
    turnEnds: typeof left === 'number' ? now + left : null,
    line: list(state['line'])
      .map(readPlace)
      .filter((place) => place !== null),
  };
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

const path = (handle: string) => `api/v1/robots/${encodeURIComponent(handle)}`;

export const setMode = (handle: string, mode: Mode) => send('POST', `${path(handle)}/control`, { mode });
export const takeControl = (handle: string) => send('POST', `${path(handle)}/exclusive_control`, {});
export const endExclusive = (handle: string) => send('DELETE', `${path(handle)}/exclusive_control`);
export const reopen = (handle: string) => send('POST', `${path(handle)}/reopen`, {});
