/** Chat lines: reading, keeping and showing them; and who hears them. */

import { list, record, text } from './api';

/** What the server accepts; the composer stops there. */
export const maxChatLength = 500;

/** Lines kept on the page; older ones fall out. */
export const maxChatLines = 200;

export interface ChatLine {
  /** The server's id; `message_removed` names it. */
  id: string;
  name: string;
  /** As it travels, with the `[robot name] ` in front. */
  message: string;
  /** As the server sent it: `#rrggbb`, or empty. */
  colour: string;
  anonymous: boolean;
  /** Who said it. */
  by: Speaker;
  /** Whether it speaks of the robot by its name. */
  mentionsRobot: boolean;
}

/** What somebody is to the robot. */
export type Speaker = 'robot' | 'owner' | 'moderator' | 'viewer';

/** Reads a `chat_message_with_name`; null when it is none. */
export function readChatLine(value: unknown): ChatLine | null {
  if (typeof value !== 'object' || value === null) return null;
  const { name, message, anonymous, _id: id, username_color: colour, robot, owner, moderator, mentions_robot: mentions } = value as Record<string, unknown>;
  if (typeof name !== 'string' || typeof message !== 'string') return null;
  return {
    id: typeof id === 'string' ? id : '',
    name,
    message,
    colour: typeof colour === 'string' && /^#[0-9a-f]{6}$/i.test(colour) ? colour : '',
    anonymous: anonymous === true,
    by: robot === true ? 'robot' : owner === true ? 'owner' : moderator === true ? 'moderator' : 'viewer',
    mentionsRobot: mentions === true,
  };
}

/** The text without `[robot name] `, which is there for robots that speak what follows it. */
export function withoutPrefix(message: string, robotName: string): string {
  const prefix = `[${robotName}] `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message.replace(/^\[[^\]]*\] ?/, '');
}

/** A line said to a robot, as the chat socket wants it. */
export function withPrefix(text: string, robotName: string): string {
  return `[${robotName}] ${text}`;
}

/** The lines with a new one last. A line that is already there is not shown twice. */
export function withLine(lines: readonly ChatLine[], line: ChatLine): ChatLine[] {
  if (line.id && lines.some((known) => known.id === line.id)) return [...lines];
  return [...lines, line].slice(-maxChatLines);
}

export function withoutLine(lines: readonly ChatLine[], id: string): ChatLine[] {
  return lines.filter((line) => line.id !== id);
}

/** Who watches the robot: names of accounts, how many accounts more, and how many without one. */
export interface ViewersHere {
  names: string[];
  others: number;
  anonymous: number;
}

/** Reads a `viewers_list`. */
export function readViewers(value: unknown): ViewersHere {
  const { users, others, anonymous } = record(value);
  const number = (counted: unknown) => (typeof counted === 'number' && counted > 0 ? counted : 0);
  return { names: list(users).map(text).filter(Boolean), others: number(others), anonymous: number(anonymous) };
}

export const countOf = (here: ViewersHere) => here.names.length + here.others + here.anonymous;

/** Whole seconds until a moment, both in milliseconds; 0 when it is there. */
export function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1000));
}
