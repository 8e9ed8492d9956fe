import { createHash } from 'node:crypto';
import { createRandom } from '@cogumi/pure';
import { isTestFact } from './split.ts';
import { TASKS } from './tasks.ts';

/** Draws of each task and difficulty that are looked at (chosen: 0.1 s in all). */
const DRAWS = 4;

let known: string | undefined;

/**
 * What the generators draw and say to it, as one hash: it changes when they do, so that no stage takes questions, answers
 * or verdicts of other generators for its own. Answers in code are judged in the sandbox and not looked at here.
 */
export function teachersFingerprint(): string {
  known ??= fingerprint();
  return known;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const task of TASKS.values()) {
    const wordings = [...task.wordings.known, ...task.wordings.unseen];
    for (const difficulty of task.difficulties) {
      for (let draw = 0; draw < DRAWS; draw++) {
        const random = createRandom(`fingerprint/${task.name}/${difficulty}/${draw}`);
        const drawn = task.draw(random, difficulty, wordings[draw % wordings.length] as string);
        const verdicts = [
          drawn.answer,
          drawn.wrongAnswer,
          ` ${drawn.answer.toUpperCase()}. `,
          `${drawn.answer} more`,
          '',
        ].map((answer) => task.check(drawn.facts, answer));
        hash.update(JSON.stringify([task.name, drawn, isTestFact(task.name, drawn.fact), verdicts]));
      }
    }
  }
  return hash.digest('hex');
}
