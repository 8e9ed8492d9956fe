import type { Scheduler } from '../scheduling/scheduler.ts';
import type { Decisions, Measured } from '../types/decisions.ts';
import type { Measurement } from './measurement.ts';

/** Something that has not been measured yet. */
export interface PendingMeasurement {
  /** null: nothing is measured, but has to be done before. */
  readonly name: Measured | null;
  /** Measures while nothing is running, and uses what it has found. */
  measure(scheduler: Scheduler): Measurement<Decisions>;
}

/** How long nothing has to be asked before something is measured (chosen: a client that sends the next question at once goes first). */
const QUIET_MS = 250;
/** After each measurement that a request has cut off the wait doubles, up to this (chosen). */
const LONGEST_QUIET_MS = 60_000;

/**
 * Measures one thing after another while the model has nothing to do. Each step is a single pass, between two of which a request cuts the
 * measurement off; it then begins anew when nothing has been asked for a while.
 */
export class IdleMeasurements {
  readonly #pending: PendingMeasurement[];
  readonly #scheduler: Scheduler;
  readonly #onDecided: (decided: Decisions) => void;
  #running: Measurement<Decisions> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #quietMs: number;

  /** @param quietMs - How long nothing has to be asked before something is measured. */
  constructor(
    pending: readonly PendingMeasurement[],
    scheduler: Scheduler,
    onDecided: (decided: Decisions) => void,
    quietMs = QUIET_MS,
  ) {
    this.#pending = [...pending];
    this.#scheduler = scheduler;
    this.#onDecided = onDecided;
    this.#quietMs = quietMs;
    this.touch();
  }

  get unmeasured(): Measured[] {
    return this.#pending.flatMap(({ name }) => name ?? []);
  }

  /** A request has come or has ended: what is being measured is cut off, and the wait begins anew. */
  touch(): void {
    if (this.#running !== null) {
      const cut = this.#running;
      this.#running = null;
      this.#quietMs = Math.min(2 * this.#quietMs, LONGEST_QUIET_MS);
      cut.return(undefined as never);
    }
    clearTimeout(this.#timer);
    if (this.#pending.length > 0) this.#timer = setTimeout(() => this.#begin(), this.#quietMs);
  }

  #begin(): void {
    const [next] = this.#pending;
    if (!next) return;
    if (!this.#scheduler.idle) return this.touch();
    this.#running = next.measure(this.#scheduler);
    this.#step(this.#running);
  }

  #step(running: Measurement<Decisions>): void {
    if (this.#running !== running) return;
    let decided: Decisions;
    try {
      const { done, value } = running.next();
      // Requests arrive between two steps.
      if (!done) return void setImmediate(() => this.#step(running));
      decided = value;
    } catch (error) {
      decided = this.#failed(error as Error);
    }
    this.#running = null;
    if (this.#pending.shift()?.name) this.#onDecided(decided);
    setImmediate(() => this.#begin());
  }

  /** What cannot be measured is not used. */
  #failed({ message }: Error): Decisions {
    const name = this.#pending[0]?.name;
    if (name !== 'mixing' && name !== 'speculation') return {};
    const decided = { [name]: { used: false, reason: `it could not be measured: ${message}` } };
    this.#scheduler.decide(decided);
    return decided;
  }
}
