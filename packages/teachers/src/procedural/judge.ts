import type { Question } from '@cogumi/contracts';
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import type { CodingFacts } from './coding/coding-tasks.ts';
import { wrong } from './define-task.ts';
import type { Judgement } from './task.ts';
import { TASKS } from './tasks.ts';

/** Characters of the longest program that is run (chosen); the tasks' own have less than 200. */
const LONGEST_PROGRAM = 4000;

export interface Judge {
  /** Judgements in the order of the items. */
  judge(items: readonly { question: Question; answer: string }[]): Promise<Judgement[]>;
  close(): Promise<void>;
}

/** The exact judge of all tasks: rules and solvers run here, code in the sandbox, which starts with the first code answer. */
export function createJudge(): Judge {
  let sandbox: Sandbox | null = null;
  return {
    async judge(items) {
      const judged = new Array<Judgement>(items.length);
      const programs: { at: number; code: string; facts: CodingFacts }[] = [];
      for (const [at, { question, answer }] of items.entries()) {
        if (question.domain === 'coding')
          programs.push({ at, code: withoutFence(answer), facts: question.facts as unknown as CodingFacts });
        else judged[at] = await judgeOne(question, answer);
      }
      const runnable = programs.filter(({ at, code, facts }) => {
        const problem = refuse(code, facts);
        if (problem !== null) judged[at] = wrong(problem);
        return problem === null;
      });
      if (runnable.length > 0) {
        sandbox ??= createSandbox();
        const results = await sandbox.run(runnable.map(({ code, facts }) => ({ code, calls: facts.calls })));
        for (const [number, { at }] of runnable.entries()) {
          const result = results[number];
          judged[at] = result?.passed ? { correct: true } : wrong(result?.reason ?? 'not run');
        }
      }
      return judged;
    },
    async close() {
      await sandbox?.close();
    },
  };
}

async function judgeOne(question: Question, answer: string): Promise<Judgement> {
  const task = TASKS.get(question.task);
  if (!task) return wrong(`no generator is called ${question.task}`);
  return task.check(question.facts, answer);
}

function refuse(code: string, { name }: CodingFacts): string | null {
  if (code.length > LONGEST_PROGRAM)
    return `the program has ${code.length} characters; at most ${LONGEST_PROGRAM} are run`;
  return new RegExp(`def ${name}\\s*\\(`).test(code) ? null : `no function ${name} is defined`;
}

/** Removes the fence of three backticks that models put around code. */
function withoutFence(answer: string): string {
  return /^```(?:python)?\n([\s\S]*?)\n?```\s*$/.exec(answer.trim())?.[1] ?? answer;
}
