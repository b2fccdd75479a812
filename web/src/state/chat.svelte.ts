import { readChatLine, secondsUntil, withLine, withoutLine, type ChatLine } from '../lib/chat';
import { newChatLink, type ChatLink } from '../lib/sockets';
import { texts } from '../texts';

/** The chat of one robot. */
export class ChatRoom {
  connected = $state(false);
  lines = $state.raw<ChatLine[]>([]);
  /** Whether this viewer moderates here; null: the server does not say. */
  mayModerate = $state<boolean | null>(null);
  /** How many seconds whoever said something waits before they say more; 0: not at all. */
  slowMode = $state(0);
  /** Seconds until this viewer may say more. */
  wait = $state(0);
  #mayAgain = 0;
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
      mayModerate: (may) => (this.mayModerate = may),
      slowMode: (seconds) => {
        this.slowMode = seconds;
        if (seconds === 0) this.#waitFor(0);
      },
      removed: (id) => (this.lines = withoutLine(this.lines, id)),
    });
  }

  /** Says something. Returns what went wrong, or null. */
  async say(text: string): Promise<string | null> {
    const answer = await this.#link.say(text, this.#robotName());
    if (answer.code === 'slow_mode') this.#waitFor(answer.retryAfter ?? this.slowMode);
    if (answer.ok) {
      // Those who moderate do not wait.
      if (!this.mayModerate) this.#waitFor(this.slowMode);
      return null;
    }
    if (answer.code === 'not_connected') return texts.chat.notConnected;
    if (answer.code === 'no_answer') return texts.chat.noAnswer;
    return texts.chat.refusals[answer.code ?? ''] ?? answer.error ?? texts.chat.refused;
  }

  open(): void {
    this.#link.open();
  }

  close(): void {
    this.#link.close();
    clearInterval(this.#ticking);
  }

  #waitFor(seconds: number): void {
    this.#mayAgain = performance.now() + seconds * 1000;
    clearInterval(this.#ticking);
    const tick = () => {
      this.wait = secondsUntil(this.#mayAgain, performance.now());
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
