import { ApiError } from '../lib/api';
import { getHealth, type Health } from '../lib/health';

/** How often it is asked for, in milliseconds. */
const everyMs = 2000;

/** A robot's health, asked for again and again while the page is in view. */
export class HealthWatch {
  health = $state.raw<Health | null>(null);

  /** Begins to ask. Returns what ends it. */
  start(handle: string): () => void {
    let asking = false;
    const ask = async () => {
      if (asking || document.hidden) return;
      asking = true;
      try {
        this.health = await getHealth(handle);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.health = null; // the next one may be answered
      } finally {
        asking = false;
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), everyMs);
    return () => clearInterval(timer);
  }
}
