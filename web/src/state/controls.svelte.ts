import { withCommand, withTime, type CommandSeen, type Press } from '../lib/activity';
import { ApiError } from '../lib/api';
import { ServerClock } from '../lib/clock';
import { bindGamepads } from '../lib/gamepad';
import { Holds } from '../lib/holds';
import { bindKeyboard, bindLettingGo, type KeyMap } from '../lib/keyboard';
import { readCooldown, stillCooling, withPressers, type Cooldown, type Pressers } from '../lib/pressers';
import { spectates } from '../lib/site';
import { newControlLink, type Answer, type ControlLink, type ControlRequest } from '../lib/sockets';
import { mayDriveNow, type TurnState } from '../lib/turns';
import { texts } from '../texts';
import { signedIn } from './account.svelte';

/** How long a refusal is shown, in milliseconds. */
const refusalMs = 4000;

/** How long after its last press a command that comes back without a name is taken for this viewer's, in milliseconds. */
const echoMs = 1500;

export interface ControlsContext {
  online(): boolean;
  keyMap(): KeyMap;
  /** Whether the robot is this viewer's own. */
  owns(): boolean;
  /** The robot has no such button any more: its owner has changed the panels. */
  panelsChanged(): void;
  viewers(count: number): void;
  /** This viewer is kept away, and why. */
  banned(reason: string): void;
}

/** What a button needs to be pressed and to show who presses it. */
export type Driving = Pick<
  Controls,
  'held' | 'presses' | 'pressers' | 'obeyed' | 'cooldowns' | 'now' | 'mayPress' | 'turns' | 'holds' | 'press'
>;

/** Driving one robot, and seeing who else does. */
export class Controls {
  connected = $state(false);
  held = $state.raw<ReadonlySet<string>>(new Set());
  presses = $state.raw<Press[]>([]);
  /** Why the last command was refused, for a moment. */
  refusal = $state<string | null>(null);
  /** Why this viewer has no controls, although the connection is there. */
  barred = $state<string | null>(null);
  /** Came by a link for those who watch and send nothing. */
  readonly spectates = spectates();
  /** Who drives and who waits; null before the server has said so. */
  turns = $state.raw<TurnState | null>(null);
  /** The number by which this viewer finds itself there. */
  you = $state<number | null>(null);
  /** Milliseconds from a press to the server's answer; null before the first. */
  roundTripMs = $state<number | null>(null);
  /** Round trips that the server measures, in milliseconds: to this viewer, and to the robot. */
  viewerMs = $state<number | null>(null);
  robotMs = $state<number | null>(null);
  /** Who presses each command now; in a vote, who votes for it. */
  pressers = $state.raw<Pressers>(new Map());
  /** The command that the robot obeys now; empty: none. */
  obeyed = $state('');
  /** The buttons that rest. */
  cooldowns = $state.raw<ReadonlyMap<string, Cooldown>>(new Map());
  /** The page's clock, in milliseconds, while something on it counts down. */
  now = $state(performance.now());
  /** Whether this viewer sees a picture that moves. */
  pictureMoves = $state(false);

  /** The robot is driven only while its picture moves, and here it does not. */
  readonly pictureTooOld = $derived.by(() => this.turns?.videoBound === true && !this.turns.videoStalled && !this.pictureMoves);
  /** Whether a press would reach the robot, as far as its own state goes. */
  readonly ready = $derived.by(
    () => this.connected && !this.spectates && this.#context.online() && !this.turns?.closed && !this.turns?.videoStalled && !this.pictureTooOld,
  );
  /** Whether whoever else drives, or the mode, leaves the robot to this viewer. */
  readonly #inTurn = $derived.by(
    () => this.turns === null || mayDriveNow(this.turns, this.you, signedIn.account?.name ?? null, this.#context.owns()),
  );
  readonly holds: Holds;
  readonly serverClock = new ServerClock();
  readonly #context: ControlsContext;
  readonly #link: ControlLink;
  readonly #undo: (() => void)[];
  readonly #pressedAt = new Map<string, number>();
  #refusalTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(handle: string, context: ControlsContext) {
    this.#context = context;
    this.#link = newControlLink(handle, {
      connected: (connected) => {
        this.connected = connected;
        this.barred = null;
        this.serverClock.reset();
        this.pressers = new Map(); // only changes are told
        this.obeyed = '';
        this.holds.forget(); // the server released the robot; only a fresh press drives again
      },
      notChosen: (answer) => (this.barred = answer.error ?? texts.controls.barred),
      commandSeen: (seen) => this.#see(seen),
      viewers: context.viewers,
      refused: (holdId, position, answer) => {
        this.holds.refuse(holdId, position);
        if (position !== 'up') this.#refused(answer);
      },
      holdEnded: (command, answer) => {
        if (!this.held.has(command)) return;
        this.holds.lapse(command, false);
        this.#refused(answer);
      },
      turns: (state) => (this.turns = state),
      you: (number) => (this.you = number),
      roundTrip: (ms) => (this.roundTripMs = ms),
      latency: (viewerMs, robotMs, time) => {
        [this.viewerMs, this.robotMs] = [viewerMs, robotMs];
        if (viewerMs !== null && time !== null) this.serverClock.measure(time, viewerMs, performance.now());
      },
      pressers: (value) => (this.pressers = withPressers(this.pressers, value, handle)),
      obeys: (command) => (this.obeyed = command === 'stop' ? '' : command),
      cooldown: (value) => this.#rest(value, handle),
      banned: context.banned,
      registeredDrive: () => this.#showRefusal(texts.controls.registeredDrive),
    });
    this.holds = new Holds({ send: this.#link.send, changed: (held) => this.#hold(held) });
    const ageing = setInterval(() => this.#age(), 250);
    this.#undo = [
      bindKeyboard(this.holds, context.keyMap, this.mayPress),
      bindGamepads(this.holds, context.keyMap, this.mayPress),
      bindLettingGo(this.holds),
      () => this.holds.releaseAll(),
      () => this.#link.close(),
      () => clearInterval(ageing),
      () => clearTimeout(this.#refusalTimer),
    ];
  }

  open(path?: string): void {
    this.#link.open(path);
  }

  press(input: string, command: string): void {
    if (this.mayPress(command)) this.holds.press(input, command);
  }

  /** Whether a press is worth sending. Who may stop the robot may do so out of turn, too; the server knows who may. */
  mayPress = (command: string): boolean => this.ready && (this.#inTurn || command === 'stop');

  /** The viewer's picture moves, or stands still: a robot that is bound to it is let go then. */
  seePicture(moves: boolean): void {
    this.pictureMoves = moves;
    if (this.pictureTooOld) this.holds.releaseAll();
  }

  joinLine = () => this.#ask('join_line');
  leaveLine = () => this.#ask('leave_line');
  emergencyStop = () => this.#link.ask('emergency_stop');

  /** Does something over HTTP; what goes wrong is shown like a refusal. */
  async report(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#showRefusal(error.message);
    }
  }

  /** The owner lets somebody who is here drive alone, for so many seconds or until it is ended. */
  grantExclusive = (id: number, seconds?: number) => this.#ask('grant_exclusive_control', { id, ...(seconds ? { seconds } : {}) });
  endExclusive = () => this.#ask('end_exclusive_control');

  async #ask(event: ControlRequest, ...argument: Record<string, unknown>[]): Promise<void> {
    const answer = await this.#link.ask(event, ...argument);
    if (!answer.ok) this.#showRefusal(answer.error ?? texts.controls.refused);
  }

  #see(seen: CommandSeen): void {
    const now = performance.now();
    const sinceOwn = now - (this.#pressedAt.get(seen.command) ?? -Infinity);
    // Commands of people without an account carry no name: whoever just pressed it takes it for its own.
    const own = seen.user === '' ? this.held.has(seen.command) || sinceOwn < echoMs : seen.user === signedIn.account?.name;
    this.presses = withCommand(this.presses, { ...seen, own }, now);
  }

  #rest(value: unknown, handle: string): void {
    const read = readCooldown(value, handle, performance.now());
    if (!read) return;
    this.now = performance.now();
    this.cooldowns = new Map(this.cooldowns).set(read.command, read.cooldown);
  }

  #age(): void {
    const now = performance.now();
    if (this.presses.length > 0) this.presses = withTime(this.presses, now);
    if (this.cooldowns.size > 0) this.cooldowns = stillCooling(this.cooldowns, now);
    if (this.cooldowns.size > 0 || this.turns?.turnEnds != null || this.turns?.exclusiveEnds != null) this.now = now;
  }

  /** Lets everything go, tells the robot, and ends the connection. */
  close(): void {
    for (const undo of this.#undo) undo();
  }

  #hold(held: ReadonlySet<string>): void {
    for (const command of held) if (!this.held.has(command)) this.#pressedAt.set(command, performance.now());
    this.held = held;
  }

  #refused(answer: Answer): void {
    this.#showRefusal(answer.error ?? texts.controls.refused);
    if (answer.code === 'not_on_panel') this.#context.panelsChanged();
  }

  #showRefusal(text: string): void {
    this.refusal = text;
    clearTimeout(this.#refusalTimer);
    this.#refusalTimer = setTimeout(() => (this.refusal = null), refusalMs);
  }
}
