/** Who presses what now (`pip`), and which buttons rest (`cooldown`). */

import { record, text } from './api';

export interface Presser {
  /** Tells people without a name apart. */
  id: number;
  user: string;
  /** Rises from press to press, whatever the command. */
  order: number;
}

/** Who presses each command now; commands that nobody presses are not in it. In a vote these are the votes. */
export type Pressers = ReadonlyMap<string, readonly Presser[]>;

/** The pressers after a `pip`; the same ones when it is of another robot. */
export function withPressers(pressers: Pressers, value: unknown, handle: string): Pressers {
  const { robot_id, command, users } = record(value);
  if (robot_id !== handle || typeof command !== 'string') return pressers;
  let last = Math.max(0, ...[...pressers.values()].flat().map(({ order }) => order));
  const orderOf = (id: number) => pressers.get(command)?.find((presser) => presser.id === id)?.order ?? ++last;
  const now = Object.values(record(users))
    .map(record)
    .flatMap((user) => (typeof user['id'] === 'number' ? [{ id: user['id'], user: text(user['username']), order: orderOf(user['id']) }] : []));
  const changed = new Map(pressers);
  if (now.length > 0) changed.set(command, now);
  else changed.delete(command);
  return changed;
}

/**
 * The command that wins a vote: the one that most press, of several the one that was pressed first. With how many of all
 * that is, and whether others have as many. Null while nobody presses any.
 */
export function leader(pressers: Pressers): { command: string; count: number; all: number; ties: boolean } | null {
  const since = (people: readonly Presser[]) => Math.min(...people.map(({ order }) => order));
  const [first, second] = [...pressers].sort(([, a], [, b]) => b.length - a.length || since(a) - since(b));
  if (!first) return null;
  const [command, { length: count }] = first;
  return { command, count, all: [...pressers.values()].flat().length, ties: count === second?.[1].length };
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
