import type { Question } from '@cogumi/contracts';
import type { Judgement } from '../procedural/task.ts';
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import type { CheckedAnswer, Checker, CheckTools } from './checker.ts';
import { CHECKERS } from './checkers.ts';
import { checkProcedural } from './procedural.ts';

export interface Judge {
  /** In the order of the items. @param scoreAnswers - Asks a teacher, for examples that one judges. */
  judge(
    items: readonly { question: Question; answer: string }[],
    scoreAnswers: CheckTools['scoreAnswers'],
  ): Promise<Judgement[]>;
  close(): Promise<void>;
}

/** Judges answers to all questions, each by its own checker; the sandbox is started when the first program is judged. */
export function createJudge(): Judge {
  let sandbox: Sandbox | null = null;
  const runPrograms: CheckTools['runPrograms'] = async (programs) => {
    if (programs.length === 0) return [];
    sandbox ??= createSandbox();
    return sandbox.run(programs);
  };
  return {
    async judge(items, scoreAnswers) {
      const judged = new Map<(typeof items)[number], Judgement>();
      for (const [kind, own] of Map.groupBy(items, ({ question }) => question.example?.check.kind ?? null)) {
        // The kind is the check's own, which TypeScript cannot follow through a table.
        const checker = (kind === null ? checkProcedural : CHECKERS[kind]) as Checker<unknown>;
        const answers = own.map(
          ({ question, answer }): CheckedAnswer<unknown> => ({
            question,
            answer,
            check: question.example?.check ?? null,
          }),
        );
        const judgements = await checker(answers, { runPrograms, scoreAnswers });
        for (const [at, item] of own.entries()) judged.set(item, judgements[at] as Judgement);
      }
      return items.map((item) => judged.get(item) as Judgement);
    },
    async close() {
      await sandbox?.close();
    },
  };
}
