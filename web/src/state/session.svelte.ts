import { ownsRobot } from '../lib/account';
import { ApiError, getRobot } from '../lib/api';
import { backoffMs } from '../lib/backoff';
import type { PictureFigures } from '../lib/figures';
import { keyMapOf } from '../lib/keyboard';
import { presenceOf, withStatus, type RobotDetail } from '../lib/robots';
import { newStatusLink, type Link } from '../lib/sockets';
import { signedIn } from './account.svelte';
import { ChatRoom } from './chat.svelte';
import { Controls } from './controls.svelte';

/** One robot's page: what is known of it, its controls and its chat. Close it when the page goes. */
export class RobotSession {
  phase = $state<'loading' | 'ready' | 'missing' | 'banned' | 'failed'>('loading');
  robot = $state.raw<RobotDetail | null>(null);
  /** Why this viewer is kept away. */
  banned = $state('');
  /** Of the picture on the page. */
  picture = $state.raw<PictureFigures | null>(null);

  readonly presence = $derived(this.robot ? presenceOf(this.robot) : 'offline');
  readonly keyMap = $derived(keyMapOf(this.robot?.button_panels ?? []));
  readonly controls: Controls;
  readonly chat: ChatRoom;
  readonly #handle: string;
  readonly #status: Link;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #loads: AbortController | null = null;
  #attempt = 0;

  constructor(handle: string) {
    this.#handle = handle;
    this.controls = new Controls(handle, {
      online: () => this.robot?.online ?? false,
      keyMap: () => this.keyMap,
      owns: () => this.robot !== null && ownsRobot(signedIn.account, this.robot.owner),
      panelsChanged: () => void this.load(),
      banned: (reason) => this.#keepAway(reason),
      viewers: (viewers) => {
        if (this.robot) this.robot = { ...this.robot, viewers };
      },
    });
    this.chat = new ChatRoom(handle, () => this.robot?.name ?? '');
    let hadConnection = false;
    this.#status = newStatusLink(handle, {
      connected: (connected) => {
        if (connected && hadConnection) void this.load(); // its settings may have changed meanwhile
        hadConnection ||= connected;
      },
      statuses: (statuses) => {
        const status = statuses.find((entry) => entry.robot_id === handle);
        if (status && this.robot) this.robot = withStatus(this.robot, status);
        if (this.robot?.online === false) this.controls.holds.releaseAll();
      },
      settingsChanged: () => void this.load(),
    });
    document.addEventListener('visibilitychange', this.#seen);
    void this.load();
  }

  /** A browser may have let a hidden page sleep while settings changed: who comes back to it gets them then. */
  readonly #seen = () => {
    if (!document.hidden && this.phase === 'ready') void this.load();
  };

  async load(): Promise<void> {
    clearTimeout(this.#retry);
    this.#loads?.abort();
    const load = (this.#loads = new AbortController());
    try {
      const robot = await getRobot(this.#handle, load.signal);
      // A button that is held may be gone or mean something else in the new panels.
      const panels = JSON.stringify(robot.button_panels);
      if (this.robot && JSON.stringify(this.robot.button_panels) !== panels) this.controls.holds.releaseAll();
      const first = this.robot === null;
      this.robot = robot;
      this.phase = 'ready';
      this.#attempt = 0;
      if (first) {
        this.controls.open(robot.paths.control);
        this.chat.open(robot.paths.chat);
        this.#status.open();
      }
    } catch (error) {
      if (load.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 403) return this.#keepAway(error.message);
      if (error.status === 404) {
        this.phase = 'missing';
        return;
      }
      if (this.phase !== 'ready') this.phase = 'failed';
      this.#retry = setTimeout(() => void this.load(), backoffMs(this.#attempt++));
    }
  }

  #keepAway(reason: string): void {
    this.banned = reason;
    this.phase = 'banned';
    this.close();
  }

  close(): void {
    this.controls.close();
    this.chat.close();
    this.#status.close();
    document.removeEventListener('visibilitychange', this.#seen);
    clearTimeout(this.#retry);
    this.#loads?.abort();
  }
}
