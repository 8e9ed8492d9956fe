import { describe, expect, it } from 'vitest';
import type { Reply } from './messages.ts';
import { Replies } from './replies.ts';

const progress = (done: number): Reply => ({ id: 1, kind: 'progress', done });

/** Replies at a clock of their own, and the messages that were sent. */
function atClock() {
  const messages: number[][] = [];
  let now = 1_000;
  const replies = new Replies(
    (all) => messages.push(all.map((reply) => (reply.kind === 'progress' ? reply.done : -1))),
    () => now,
  );
  /** Text comes at the end of a pass of so many milliseconds. */
  const pass = async (ms: number, done: number) => {
    now += ms;
    replies.hold(progress(done));
    replies.passed(ms);
    await Promise.resolve();
  };
  return { replies, messages, pass };
}

describe('Replies', () => {
  it('sends those of one turn in one message', async () => {
    const { replies, messages } = atClock();
    replies.send(progress(1));
    replies.send(progress(2));
    expect(messages).toEqual([]);
    await Promise.resolve();
    expect(messages).toEqual([[1, 2]]);
  });

  it('keeps text while it has waited for less than 25 ms after the next pass', async () => {
    const { messages, pass } = atClock();
    for (let done = 1; done <= 7; done++) await pass(8, done);
    expect(messages).toEqual([[1], [2, 3, 4], [5, 6, 7]]);
  });

  it('sends every text where a pass takes longer', async () => {
    const { messages, pass } = atClock();
    for (let done = 1; done <= 3; done++) await pass(20, done);
    expect(messages).toEqual([[1], [2], [3]]);
  });

  it('sends what waits before any other reply, in order', async () => {
    const { replies, messages, pass } = atClock();
    await pass(5, 1);
    await pass(5, 2);
    replies.send(progress(3));
    await Promise.resolve();
    await pass(5, 4);
    replies.flush();
    await Promise.resolve();
    expect(messages).toEqual([[1], [2, 3], [4]]);
  });
});
