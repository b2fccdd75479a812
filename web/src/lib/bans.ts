/** Who is kept away: from a robot, from all robots of one's own, or from the site. */

import { list, record, send, text } from './api';

export interface Ban {
  id: number;
  /** The account's name, or what stands for an address. */
  name: string;
  reason: string;
  /** When it ends by itself, in ISO 8601; null: when it is lifted. */
  until: string | null;
}

/** What somebody is kept away from, as a path of the API. */
export type BanPlace = string;

export const ofRobot = (handle: string): BanPlace => `api/v1/robots/${encodeURIComponent(handle)}/bans`;
export const ofOwnRobots: BanPlace = 'api/v1/account/bans';
export const ofSite: BanPlace = 'api/v1/bans';

/** Who is meant: an account, or whoever said a line of chat. */
export type BanTarget = { account: string } | { message_id: string };

/** How long somebody is kept away, in seconds; 0: until it is lifted. */
export const banTimes = [600, 3600, 86_400, 604_800, 0] as const;

export async function getBans(place: BanPlace): Promise<Ban[]> {
  return list(record(await send('GET', place))['bans']).map(readBan);
}

/** Bans somebody for so many seconds, or until it is lifted. They are told the reason. */
export const banFrom = (place: BanPlace, target: BanTarget, reason: string, seconds?: number) =>
  send('POST', place, { ...target, ...(reason ? { reason } : {}), ...(seconds ? { seconds } : {}) });

export const liftBan = (place: BanPlace, id: number) => send('DELETE', `${place}/${id}`);

function readBan(value: unknown): Ban {
  const ban = record(value);
  return { id: Number(ban['id']), name: text(ban['name']), reason: text(ban['reason']), until: text(ban['until']) || null };
}
