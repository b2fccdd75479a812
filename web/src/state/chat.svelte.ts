import { readChatLine, readViewers, secondsUntil, withLine, withoutLine, type ChatLine, type ViewersHere } from '../lib/chat';
import { newChatLink, type ChatLink } from '../lib/sockets';
import { texts } from '../texts';

/** The chat of one robot. */
export class ChatRoom {
  connected = $state(false);
  lines = $state.raw<ChatLine[]>([]);
  /** Who watches the robot; null: not told yet. */
  here = $state.raw<ViewersHere | null>(null);
  /** Whether this viewer moderates here; null: the server does not say. */
  mayModerate = $state<boolean | null>(null);
  /** How many seconds whoever said something waits before they say more; 0: not at all. */
  slowMode = $state(0);
  /** Seconds until this viewer may say more. */
  wait = $state(0);
  /** When this viewer last said something. */
  #lastSaid = -Infinity;
  #ticking: ReturnType<typeof setInterval> | undefined;
  readonly #robotName: () => string;
  readonly #link: ChatLink;

  constructor(handle: string, robotName: () => string) {
    this.#robotName = robotName;
    this.#link = newChatLink(handle, {
      connected: (connected) => (this.connected = connected),
      history: (messages) => {
        this.lines = [];
        for (const message of messages) this.#add(message);
      },
      message: (message) => this.#add(message),
      viewers: (value) => (this.here = readViewers(value)),
      mayModerate: (may) => (this.mayModerate = may),
      slowMode: (seconds) => {
        this.slowMode = seconds;
        this.#waitForTurn();
      },
      removed: (id) => (this.lines = withoutLine(this.lines, id)),
    });
  }

  /** Says something. Returns what went wrong, or null. */
  async say(text: string): Promise<string | null> {
    const answer = await this.#link.say(text, this.#robotName());
    if (answer.code === 'slow_mode') this.#waitUntil(performance.now() + (answer.retryAfter ?? this.slowMode) * 1000);
    if (answer.ok) {
      this.#lastSaid = performance.now();
      this.#waitForTurn();
      return null;
    }
    if (answer.code === 'not_connected') return texts.chat.notConnected;
    if (answer.code === 'no_answer') return texts.chat.noAnswer;
    return texts.chat.refusals[answer.code ?? ''] ?? answer.error ?? texts.chat.refused;
  }

  open(path?: string): void {
    this.#link.open(path);
  }

  close(): void {
    this.#link.close();
    clearInterval(this.#ticking);
  }

  /** Those who moderate do not wait. */
  #waitForTurn(): void {
    this.#waitUntil(this.mayModerate ? 0 : this.#lastSaid + this.slowMode * 1000);
  }

  #waitUntil(moment: number): void {
    clearInterval(this.#ticking);
    const tick = () => {
      this.wait = secondsUntil(moment, performance.now());
      if (this.wait === 0) clearInterval(this.#ticking);
    };
    this.#ticking = setInterval(tick, 250);
    tick();
  }

  #add(message: unknown): void {
    const line = readChatLine(message);
    if (line) this.lines = withLine(this.lines, line);
  }
}
