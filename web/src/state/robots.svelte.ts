import { ApiError, getRobots } from '../lib/api';
import { backoffMs } from '../lib/backoff';
import { inOrder, isSought, presenceOf, withStatus, type Robot, type RobotStatus } from '../lib/robots';
import { newStatusLink } from '../lib/sockets';

/** The robots of the home page, kept up to date by the status socket. */
export class RobotList {
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  /** What is looked for; empty: everything. */
  sought = $state('');
  #robots = $state.raw<Robot[]>([]);
  #retry: ReturnType<typeof setTimeout> | undefined;
  #loads: AbortController | null = null;
  #attempt = 0;

  readonly count = $derived(this.#robots.length);
  readonly awake = $derived(this.#robots.filter((robot) => presenceOf(robot) === 'live').length);
  readonly ordered = $derived(inOrder(this.#robots.filter((robot) => isSought(robot, this.sought))));
  readonly live = $derived(this.ordered.filter((robot) => presenceOf(robot) === 'live'));
  readonly noPicture = $derived(this.ordered.filter((robot) => presenceOf(robot) === 'no-picture'));
  readonly offline = $derived(this.ordered.filter((robot) => presenceOf(robot) === 'offline'));

  /** Loads and follows the list. Returns what ends it. */
  start(): () => void {
    void this.load();
    let hadConnection = false;
    const status = newStatusLink(null, {
      connected: (connected) => {
        if (connected && hadConnection) void this.load(); // robots may have been added or removed meanwhile
        hadConnection ||= connected;
      },
      statuses: (statuses) => this.#merge(statuses),
    });
    status.open();
    return () => {
      status.close();
      clearTimeout(this.#retry);
      this.#loads?.abort();
    };
  }

  async load(): Promise<void> {
    clearTimeout(this.#retry);
    this.#loads?.abort();
    const load = (this.#loads = new AbortController());
    try {
      this.#robots = await getRobots(load.signal);
      this.phase = 'ready';
      this.#attempt = 0;
    } catch (error) {
      if (load.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      // A list that is there stays there; only a page without one shows the failure.
      if (this.phase !== 'ready') this.phase = 'failed';
      this.#retry = setTimeout(() => void this.load(), backoffMs(this.#attempt++));
    }
  }

  #merge(statuses: readonly RobotStatus[]): void {
    const byHandle = new Map(statuses.map((status) => [status.robot_id, status]));
    this.#robots = this.#robots.map((robot) => {
      const status = byHandle.get(robot.handle);
      byHandle.delete(robot.handle);
      return status ? withStatus(robot, status) : robot;
    });
    if (byHandle.size > 0 && this.phase === 'ready') void this.load(); // a robot that we have not heard of
  }
}
