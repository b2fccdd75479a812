import type { Account } from '../lib/account';
import { banFrom, ofOwnRobots, ofRobot, ofSite, type BanPlace } from '../lib/bans';
import type { ChatLine } from '../lib/chat';
import { takeBack } from '../lib/moderation';
import { texts } from '../texts';
import { Outcome } from './outcome.svelte';

/** How long a time-out lasts, in seconds. */
const timeOutSeconds = 600;

/** What somebody who may moderate does about the lines of a robot's chat. */
export class ChatModerator {
  /** What came of it. */
  readonly outcome = new Outcome();
  /** The line whose speaker is about to be kept away. */
  banning = $state.raw<ChatLine | null>(null);
  readonly #handle: string;

  constructor(handle: string) {
    this.#handle = handle;
  }

  takeBack = (line: ChatLine) => this.outcome.attempt(() => takeBack(this.#handle, line.id), texts.moderation.takenBack);

  timeOut = (line: ChatLine) =>
    this.outcome.attempt(
      () => banFrom(ofRobot(this.#handle), { message_id: line.id }, '', timeOutSeconds),
      texts.moderation.timedOut(line.name, texts.bans.times[timeOutSeconds]!),
    );

  /** From where the person at the page may keep others away. */
  places(account: Account | null | undefined, owner: string): { label: string; place: BanPlace }[] {
    return [
      { label: texts.bans.places.robot, place: ofRobot(this.#handle) },
      ...(account?.name === owner ? [{ label: texts.bans.places.ownRobots, place: ofOwnRobots }] : []),
      ...(account?.administrator ? [{ label: texts.bans.places.site, place: ofSite }] : []),
    ];
  }
}
