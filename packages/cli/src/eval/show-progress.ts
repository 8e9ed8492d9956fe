import { dim } from '../terminal/style.ts';

/** Interval between lines of progress where the terminal cannot redraw one (chosen). */
const PLAIN_EVERY_MS = 15_000;

/** Shows on stderr how many items are done: in a terminal as one line that changes. */
export function createProgress(): { show(task: string, done: number, total: number): void; end(): void } {
  const live = process.stderr.isTTY;
  let shownAt = performance.now();
  return {
    show(task, done, total) {
      const text = `${task} ${done} of ${total}`;
      if (live) process.stderr.write(`\r\x1b[2K${dim(text, process.stderr)}`);
      else if (performance.now() - shownAt >= PLAIN_EVERY_MS) {
        shownAt = performance.now();
        console.error(text);
      }
    },
    end: () => void (live && process.stderr.write('\r\x1b[2K')),
  };
}
