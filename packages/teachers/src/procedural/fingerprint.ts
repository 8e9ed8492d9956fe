import { createHash } from 'node:crypto';
import { createRandom } from '@cogumi/pure';
import { probeVerdicts } from '../checkers/probe-verdicts.ts';
import { isTestFact } from './split.ts';
import { TASKS } from './tasks.ts';

/** Draws of each task and difficulty that are hashed (chosen: takes 0.1 s in total). */
const DRAWS = 4;

let known: string | undefined;

/**
 * One hash of the draws and verdicts of all tasks, and of the verdicts of the checkers for examples. It changes with them, so that no stage reuses cached questions, answers or
 * verdicts of other tasks. It leaves out verdicts on code, which the sandbox gives.
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
  hash.update(JSON.stringify(probeVerdicts()));
  return hash.digest('hex');
}
