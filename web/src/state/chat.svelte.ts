import { readChatLine, withLine, withoutLine, type ChatLine } from '../lib/chat';
import { newChatLink, type ChatLink } from '../lib/sockets';
import { texts } from '../texts';

/** The chat of one robot. */
export class ChatRoom {
  connected = $state(false);
  lines = $state.raw<ChatLine[]>([]);
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
      removed: (id) => (this.lines = withoutLine(this.lines, id)),
    });
  }

  /** Says something. Returns what went wrong, or null. */
  async say(text: string): Promise<string | null> {
    const answer = await this.#link.say(text, this.#robotName());
    if (answer.ok) return null;
    if (answer.code === 'not_connected') return texts.chat.notConnected;
    if (answer.code === 'no_answer') return texts.chat.noAnswer;
    return answer.error ?? texts.chat.refused;
  }

  open(): void {
    this.#link.open();
  }

  close(): void {
    this.#link.close();
  }

  #add(message: unknown): void {
    const line = readChatLine(message);
    if (line) this.lines = withLine(this.lines, line);
  }
}
