/**
 * Which commands are held, and what the robot is told about it.
 *
 * An input is one finger or key: `key:KeyW`, `pointer:3`. Several inputs may hold one command: the first begins the
 * hold, the last ends it. A hold is `down` once, `intermediate` every 300 ms, `up` once.
 */

export type KeyPosition = 'down' | 'intermediate' | 'up';

export interface HoldsOptions {
  /** Tells the robot. `holdId` names the hold, so that a late refusal of one hold cannot end the next. */
  send(command: string, position: KeyPosition, holdId: number): void;
  /** Called after the set of held commands changed. */
  changed?(held: ReadonlySet<string>): void;
  /** Time between two `intermediate` in milliseconds. */
  repeatMs?: number;
}

interface Hold {
  id: number;
  timer: ReturnType<typeof setInterval>;
}

export class Holds {
  readonly #options: HoldsOptions;
  readonly #inputs = new Map<string, string>();
  readonly #holds = new Map<string, Hold>();
  #nextId = 1;

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  get held(): ReadonlySet<string> {
    return new Set(this.#holds.keys());
  }

  /** An input goes down on a command. The same input on another command lets the first one go. */
  press(input: string, command: string): void {
    if (this.#inputs.get(input) === command) return;
    this.release(input);
    this.#inputs.set(input, command);
    if (this.#holds.has(command)) return;

    const id = this.#nextId++;
    const repeat = () => this.#options.send(command, 'intermediate', id);
    this.#holds.set(command, { id, timer: setInterval(repeat, this.#options.repeatMs ?? 300) });
    this.#options.send(command, 'down', id);
    this.#changed();
  }

  /** An input comes up. Unknown inputs are no error: their hold may have ended otherwise. */
  release(input: string): void {
    const command = this.#inputs.get(input);
    if (command === undefined) return;
    this.#inputs.delete(input);
    if ([...this.#inputs.values()].includes(command)) return;
    this.#end(command, true);
  }

  /** Lets everything go and tells the robot: the page lost focus, was hidden, or its controls changed. */
  releaseAll(): void {
    this.#inputs.clear();
    for (const command of [...this.#holds.keys()]) this.#end(command, true);
  }

  /** Lets everything go without a word: the connection is gone and the server has released the robot. */
  forget(): void {
    this.#inputs.clear();
    for (const command of [...this.#holds.keys()]) this.#end(command, false);
  }

  /**
   * The server refused a hold's `down` or `intermediate`. The repeats end; a new press is needed. After a refused
   * `down` there is nothing to let go; a refused repeat is followed by `up`, since the hold may still stand.
   */
  refuse(holdId: number, position: KeyPosition): void {
    if (position === 'up') return;
    for (const [command, hold] of this.#holds) {
      if (hold.id === holdId) return this.lapse(command, position === 'intermediate');
    }
  }

  /** Ends the hold on a command whatever inputs are still down. `tell`: with an `up` to the robot. */
  lapse(command: string, tell: boolean): void {
    for (const [input, held] of this.#inputs) if (held === command) this.#inputs.delete(input);
    this.#end(command, tell);
  }

  #end(command: string, tell: boolean): void {
    const hold = this.#holds.get(command);
    if (!hold) return;
    clearInterval(hold.timer);
    this.#holds.delete(command);
    if (tell) this.#options.send(command, 'up', hold.id);
    this.#changed();
  }

  #changed(): void {
    this.#options.changed?.(this.held);
  }
}
