/** Who moderates a robot's chat, its rules, and what was done. */

import { list, readPage, record, send, text, type Page } from './api';

export interface Moderator {
  name: string;
  /** A moment in ISO 8601. */
  since: string;
}

/** Who may say links. */
export const linkRules = ['everyone', 'accounts', 'nobody'] as const;
export type LinkRule = (typeof linkRules)[number];

export interface ChatRules {
  /** How long whoever said something waits before they say more; 0: not at all. */
  slow_mode_seconds: number;
  links: LinkRule;
  /** Lines with one of them are refused. */
  words: string[];
  /** How long a robot waits before it speaks a line, so that it can be taken back before. */
  speech_delay_seconds: number;
}

/** One thing that was done in the chat of a robot. */
export interface ModerationEntry {
  id: number;
  /** A moment in ISO 8601. */
  at: string;
  /** Who did it; empty: the rules did. */
  by: string;
  action: string;
  /** To whom. */
  name: string;
  /** The line that was taken back or refused. */
  message: string;
  reason: string;
  /** When it ends, in ISO 8601. */
  until: string | null;
}

const path = (handle: string) => `api/v1/robots/${encodeURIComponent(handle)}`;

export async function getModerators(handle: string): Promise<Moderator[]> {
  return list(record(await send('GET', `${path(handle)}/moderators`))['moderators'])
    .map(record)
    .map((moderator) => ({ name: text(moderator['username']), since: text(moderator['since']) }));
}

export const addModerator = (handle: string, name: string) => send('PUT', `${path(handle)}/moderators/${encodeURIComponent(name)}`, {});
export const removeModerator = (handle: string, name: string) => send('DELETE', `${path(handle)}/moderators/${encodeURIComponent(name)}`);

export async function getChatRules(handle: string): Promise<ChatRules> {
  return readChatRules(await send('GET', `${path(handle)}/chat_rules`));
}

export async function changeChatRules(handle: string, rules: Partial<ChatRules>): Promise<ChatRules> {
  return readChatRules(await send('PATCH', `${path(handle)}/chat_rules`, rules));
}

/** Takes a line of chat back, for all who see it. */
export const takeBack = (handle: string, messageId: string) => send('DELETE', `${path(handle)}/chat/${encodeURIComponent(messageId)}`);

/** The newest entries of the log, or those before one. */
export async function getModeration(handle: string, before?: number): Promise<Page<ModerationEntry>> {
  const query = before === undefined ? {} : { before: String(before) };
  return readPage(await send('GET', `${path(handle)}/moderation`, undefined, undefined, query), 'entries', readEntry);
}

/** Reads rules. What is missing takes the default of a new robot. */
export function readChatRules(value: unknown): ChatRules {
  const rules = record(value);
  const seconds = (name: string) => (typeof rules[name] === 'number' ? rules[name] : 0);
  return {
    slow_mode_seconds: seconds('slow_mode_seconds'),
    links: linkRules.find((rule) => rule === rules['links']) ?? 'everyone',
    words: list(rules['words']).map(text).filter(Boolean),
    speech_delay_seconds: seconds('speech_delay_seconds'),
  };
}

export function readEntry(value: unknown): ModerationEntry {
  const entry = record(value);
  return {
    id: Number(entry['id']),
    at: text(entry['at']),
    by: text(entry['by']),
    action: text(entry['action']),
    name: text(entry['name']),
    message: text(entry['message']),
    reason: text(entry['reason']),
    until: text(entry['until']) || null,
  };
}
