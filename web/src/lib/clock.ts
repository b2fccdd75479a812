/** The server's clock, as this page knows it. */

/** How many measurements are kept: a minute's at one in two seconds. */
const kept = 30;

interface Measurement {
  roundTripMs: number;
  /** How far the server's clock was ahead of this page's, less the way here. */
  ahead: number;
}

/**
 * Tells the server's time by messages that say it, each with the round trip of its connection. What waited on the way, or
 * for the page to be free, is too late and never too early: so of the last minute's the earliest counts, and half of the
 * shortest round trip for the way.
 */
export class ServerClock {
  #measurements: Measurement[] = [];

  /** Takes a message that said `time` (Unix milliseconds) and arrived at `arrivedAt` (this page's monotonic clock). */
  measure(time: number, roundTripMs: number, arrivedAt: number): void {
    this.#measurements = [...this.#measurements, { roundTripMs, ahead: time - arrivedAt }].slice(-kept);
  }

  /** What is known of another connection, or of a clock that has stood still, is worth nothing. */
  reset(): void {
    this.#measurements = [];
  }

  /** The server's time at a moment of this page's clock, in Unix milliseconds; null before the first measurement. */
  at(moment: number): number | null {
    if (this.#measurements.length === 0) return null;
    const ahead = Math.max(...this.#measurements.map((measurement) => measurement.ahead));
    const roundTripMs = Math.min(...this.#measurements.map((measurement) => measurement.roundTripMs));
    return moment + ahead + roundTripMs / 2;
  }
}
