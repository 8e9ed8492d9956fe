import { describe, expect, it } from 'vitest';
import { RequestQueue } from './request-queue.ts';

const never = new AbortController().signal;
/** Lets promises settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Sends requests and notes the order of their turns. */
function line(queue: RequestQueue) {
  const turns: string[] = [];
  const refused: string[] = [];
  const releases: (() => void)[] = [];
  const send = (key: string, name = key, answers = 1, signal = never) =>
    queue.enter(key, answers, signal).then(
      (release) => {
        turns.push(name);
        releases.push(release);
      },
      (error: { status?: number }) => void refused.push(`${name} ${error.status ?? error}`),
    );
  const endFirst = async () => {
    releases.shift()?.();
    await settle();
  };
  return { turns, refused, send, endFirst };
}

describe('RequestQueue', () => {
  it('gives a key with one request the next turn, before a hundred of another key', async () => {
    const queue = new RequestQueue(1000, () => 4);
    const { turns, send, endFirst } = line(queue);
    for (let at = 0; at < 100; at++) void send('many');
    void send('one');
    await settle();
    expect(turns).toEqual(['many', 'many', 'many', 'many']);
    expect([queue.running, queue.waiting]).toEqual([4, 97]);
    await endFirst();
    expect(turns.slice(4)).toEqual(['one']);
    // A third key is next, too. Then each has one that is being made, so it is the turn of the first.
    void send('third');
    void send('one');
    await endFirst();
    await endFirst();
    expect(turns.slice(5)).toEqual(['third', 'many']);
  });

  it('takes keys in turn, and the requests of one in their order', async () => {
    const { turns, send, endFirst } = line(new RequestQueue(100, () => 1));
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) void send(name[0] as string, name);
    await settle();
    for (let at = 0; at < 6; at++) await endFirst();
    // a1 had its turn before another key waited.
    expect(turns).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
  });

  it('refuses the last of the key that holds most in favour of one that holds less, until they hold as much', async () => {
    const { turns, refused, send } = line(new RequestQueue(4, () => 1));
    for (const name of ['a1', 'a2', 'a3', 'a4']) void send('a', name);
    await settle();
    await send('a', 'a5');
    expect(refused).toEqual(['a5 429']);
    void send('b', 'b1');
    void send('b', 'b2');
    await settle();
    expect(refused).toEqual(['a5 429', 'a4 429', 'a3 429']);
    await send('b', 'b3');
    expect(refused.at(-1)).toBe('b3 429');
    // What has its turn is never taken away.
    expect(turns).toEqual(['a1']);
  });

  it('waits for all answers of a request, and never longer than until it is alone', async () => {
    const { turns, send, endFirst } = line(new RequestQueue(100, () => 4));
    void send('a', 'a1');
    void send('b', 'b of 9', 9);
    void send('c', 'c1');
    await settle();
    // The later one does not overtake it.
    expect(turns).toEqual(['a1']);
    await endFirst();
    expect(turns).toEqual(['a1', 'b of 9']);
    await endFirst();
    expect(turns).toEqual(['a1', 'b of 9', 'c1']);
  });

  it('forgets a request whose client has gone, and leaves no place taken', async () => {
    const queue = new RequestQueue(2, () => 1);
    const { turns, refused, send, endFirst } = line(queue);
    const gone = new AbortController();
    void send('a', 'a1');
    void send('a', 'a2', 1, gone.signal);
    await settle();
    gone.abort('gone');
    await settle();
    expect(refused).toEqual(['a2 gone']);
    const release = queue.hold('b');
    expect(() => queue.hold('b')).toThrow('limit of 2');
    release();
    await endFirst();
    expect([turns, queue.running, queue.waiting]).toEqual([['a1'], 0, 0]);
    // All places are free: two fit, a third does not.
    const all = [queue.hold('c'), queue.hold('c')];
    expect(() => queue.hold('c')).toThrow();
    for (const free of all) free();
  });

  it('gives each part of a list a turn of its own, between those of other keys', async () => {
    const queue = new RequestQueue(3, () => 1);
    const { turns, refused, send, endFirst } = line(queue);
    const free = queue.hold('list');
    const parts = (async () => {
      for (let part = 1; part <= 3; part++) {
        const end = await queue.turn('list', 1, never);
        turns.push(`part ${part}`);
        await settle();
        end();
      }
    })();
    void send('other', 'o1');
    void send('other', 'o2');
    await settle();
    // No place is left. The other key holds most; a part of the list is never refused, as that would free no place.
    void send('third');
    void send('fourth');
    await settle();
    expect(refused.toSorted()).toEqual(['fourth 429', 'o2 429']);
    for (let at = 0; at < 6; at++) await endFirst();
    await parts;
    expect(turns).toEqual(['part 1', 'o1', 'part 2', 'third', 'part 3']);
    free();
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
    await expect(queue.turn('list', 1, never)).rejects.toThrow('holds no place');
  });
});
