/** Who presses what now (`pip`), and which buttons rest (`cooldown`). */

import { record, text } from './api';

export interface Presser {
  /** Tells people without a name apart. */
  id: number;
  user: string;
}

/** Who presses each command now; commands that nobody presses are not in it. In a vote these are the votes. */
export type Pressers = ReadonlyMap<string, readonly Presser[]>;

/** The pressers after a `pip`; the same ones when it is of another robot. */
export function withPressers(pressers: Pressers, value: unknown, handle: string): Pressers {
  const { robot_id, command, users } = record(value);
  if (robot_id !== handle || typeof command !== 'string') return pressers;
  const now = Object.values(record(users))
    .map(record)
    .flatMap((user) => (typeof user['id'] === 'number' ? [{ id: user['id'], user: text(user['username']) }] : []));
  const changed = new Map(pressers);
  if (now.length > 0) changed.set(command, now);
  else changed.delete(command);
  return changed;
}

/** The command that most press, and how many of all that is; null while nobody presses any, or as many press two. */
export function leader(pressers: Pressers): { command: string; count: number; all: number } | null {
  const counts = [...pressers].map(([command, people]) => ({ command, count: people.length })).sort((a, b) => b.count - a.count);
  const [first, second] = counts;
  if (!first || first.count === second?.count) return null;
  return { ...first, all: counts.reduce((sum, { count }) => sum + count, 0) };
}

/** A button that rests: when that began and ends, in milliseconds of the page's clock. */
export interface Cooldown {
  from: number;
  until: number;
}

/** Reads `cooldown`; null when it is of another robot. */
export function readCooldown(value: unknown, handle: string, now: number): { command: string; cooldown: Cooldown } | null {
  const { robot_id, command, ms } = record(value);
  if (robot_id !== handle || typeof command !== 'string' || typeof ms !== 'number') return null;
  return { command, cooldown: { from: now, until: now + ms } };
}

/** The cooldowns that are not over. */
export function stillCooling(cooldowns: ReadonlyMap<string, Cooldown>, now: number): ReadonlyMap<string, Cooldown> {
  return new Map([...cooldowns].filter(([, { until }]) => until > now));
}
