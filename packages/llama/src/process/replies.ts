import type { Reply } from './messages.ts';

/**
 * Most milliseconds that text waits for more (chosen: 40 messages a second look like a steady stream). Each message wakes the parent and its
 * client, on the cores that the model computes on.
 */
const HELD_MS = 25;

/** Replies on their way to the parent. Those of a turn of the event loop are sent together. */
export class Replies {
  readonly #send: (replies: readonly Reply[]) => void;
  readonly #now: () => number;
  #waiting: Reply[] = [];
  #scheduled = false;
  #sentAt = Number.NEGATIVE_INFINITY;

  /** @param now - Milliseconds since any moment. */
  constructor(send: (replies: readonly Reply[]) => void, now: () => number = () => performance.now()) {
    this.#send = send;
    this.#now = now;
  }

  /** Sends a reply, and what waits before it. */
  send(reply: Reply): void {
    this.#waiting.push(reply);
    this.flush();
  }

  /** Keeps a reply for the next message. `passed` or `flush` is called before the event loop has nothing to do. */
  hold(reply: Reply): void {
    this.#waiting.push(reply);
  }

  /** After a pass: sends what would wait too long if the next one took as long. @param passMs - How long it took. */
  passed(passMs: number): void {
    if (this.#now() - this.#sentAt + passMs > HELD_MS) this.flush();
  }

  /** Sends what waits. */
  flush(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      const replies = this.#waiting;
      this.#waiting = [];
      this.#scheduled = false;
      this.#sentAt = this.#now();
      this.#send(replies);
    });
  }
}
