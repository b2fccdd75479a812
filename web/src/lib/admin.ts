/** Everybody's accounts and robots, for administrators. */

import { readPage, readRobot, record, send, text, type Page } from './api';
import { banFrom, ofSite } from './bans';
import type { Visibility } from './account';
import type { Robot } from './robots';

export interface ListedAccount {
  name: string;
  administrator: boolean;
  /** Moments in ISO 8601; null: nobody has signed in with it. */
  createdAt: string;
  signedInAt: string | null;
  robots: number;
  /** What keeps it away from the site. */
  ban: { id: number; reason: string; until: string | null } | null;
}

export interface ListedRobot extends Robot {
  visibility: Visibility;
}

const api = 'api/v1/admin';
const account = (name: string) => `${api}/accounts/${encodeURIComponent(name)}`;

export async function getAccounts(query: string, before?: number): Promise<Page<ListedAccount>> {
  return readPage(await ask('accounts', query, before), 'accounts', readAccount);
}

export async function getAllRobots(query: string, before?: number): Promise<Page<ListedRobot>> {
  return readPage(await ask('robots', query, before), 'robots', readListedRobot);
}

export const deleteAccountOf = (name: string) => send('DELETE', account(name));
export const setAdministrator = (name: string, administrator: boolean) => send('PUT', `${account(name)}/administrator`, { administrator });
export const banFromSite = (name: string, reason: string, seconds?: number) => banFrom(ofSite, { account: name }, reason, seconds);

/** Gives an account a new password, which is to be handed to its owner. */
export async function resetPassword(name: string): Promise<string> {
  return text(record(await send('POST', `${account(name)}/password`, {}))['password']);
}

export function readAccount(value: unknown): ListedAccount {
  const account = record(value);
  const ban = record(account['ban']);
  return {
    name: text(account['username']),
    administrator: account['administrator'] === true,
    createdAt: text(account['created_at']),
    signedInAt: text(account['signed_in_at']) || null,
    robots: Number(account['robots']) || 0,
    ban: typeof ban['id'] === 'number' ? { id: ban['id'], reason: text(ban['reason']), until: text(ban['until']) || null } : null,
  };
}

function readListedRobot(value: unknown): ListedRobot {
  const visibility = record(value)['visibility'];
  return { ...readRobot(value), visibility: visibility === 'unlisted' || visibility === 'private' ? visibility : 'public' };
}

function ask(what: string, query: string, before?: number): Promise<unknown> {
  return send('GET', `${api}/${what}`, undefined, undefined, { ...(query ? { query } : {}), ...(before === undefined ? {} : { before: String(before) }) });
}
