/** Who is kept away from a robot, by its owner. */

import { list, record, send, text } from './api';

export interface Ban {
  id: number;
  /** The account's name, or what stands for an address. */
  name: string;
  reason: string;
  /** When it ends by itself, in ISO 8601; null: when it is lifted. */
  until: string | null;
}

const path = (handle: string) => `api/v1/robots/${encodeURIComponent(handle)}/bans`;

export async function getBans(handle: string): Promise<Ban[]> {
  return list(record(await send('GET', path(handle)))['bans']).map(readBan);
}

/** Bans whoever said a line of chat, for so many seconds or until it is lifted. */
export const banByMessage = (handle: string, messageId: string, seconds?: number) =>
  send('POST', path(handle), { message_id: messageId, ...(seconds ? { seconds } : {}) });

export const banAccount = (handle: string, account: string, reason: string) => send('POST', path(handle), { account, ...(reason ? { reason } : {}) });

export const liftBan = (handle: string, id: number) => send('DELETE', `${path(handle)}/${id}`);

function readBan(value: unknown): Ban {
  const ban = record(value);
  return { id: Number(ban['id']), name: text(ban['name']), reason: text(ban['reason']), until: text(ban['until']) || null };
}
