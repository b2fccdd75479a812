import { ApiError, type Page } from '../lib/api';

/** A long list of the server's, of which a part is shown and more is asked for. */
export class PagedList<T> {
  items = $state.raw<T[]>([]);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Why it could not be had. */
  failure = $state('');
  /** Whether there is more than what is shown. */
  more = $state(false);
  readonly #ask: (query: string, before?: number) => Promise<Page<T>>;
  #query = '';
  #next: number | null = null;
  #asked = 0;

  constructor(ask: (query: string, before?: number) => Promise<Page<T>>) {
    this.#ask = ask;
  }

  /** Shows the beginning of what is found by a text, or of what was looked for before. */
  async look(query = this.#query): Promise<void> {
    this.#query = query;
    this.phase = this.items.length > 0 ? this.phase : 'loading';
    await this.#load(undefined);
  }

  async lookFurther(): Promise<void> {
    if (this.#next !== null) await this.#load(this.#next);
  }

  async #load(before: number | undefined): Promise<void> {
    const asked = ++this.#asked;
    try {
      const page = await this.#ask(this.#query, before);
      // Whoever types on wants only the last answer.
      if (asked !== this.#asked) return;
      this.items = before === undefined ? page.items : [...this.items, ...page.items];
      this.#next = page.next;
      this.more = page.next !== null;
      this.phase = 'ready';
      this.failure = '';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked !== this.#asked) return;
      this.failure = error.message;
      this.phase = 'failed';
    }
  }
}
