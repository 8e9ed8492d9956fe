import type { CodingFacts } from '../procedural/coding/coding-tasks.ts';
import { wrong } from '../procedural/define-task.ts';
import type { Judgement } from '../procedural/task.ts';
import { TASKS } from '../procedural/tasks.ts';
import type { CheckedAnswer, Checker } from './checker.ts';

/** Characters of the longest program that is run (chosen); the tasks' own have less than 200. */
const LONGEST_PROGRAM = 4000;

/** The checker of all built-in domains: rules and solvers of the generators here, code in the sandbox. */
export const checkProcedural: Checker<null> = async (items, { runPrograms }) => {
  const judged = new Array<Judgement>(items.length);
  const programs: { at: number; code: string; facts: CodingFacts }[] = [];
  for (const [at, item] of items.entries()) {
    const { question, answer } = item;
    if (question.domain !== 'coding') judged[at] = await judgeOne(item);
    else {
      const facts = question.facts as unknown as CodingFacts;
      const code = bareProgram(answer);
      const problem = refuse(code, facts);
      if (problem === null) programs.push({ at, code, facts });
      else judged[at] = wrong(problem);
    }
  }
  const results = await runPrograms(programs.map(({ code, facts }) => ({ code, calls: facts.calls })));
  for (const [number, { at }] of programs.entries()) {
    const result = results[number];
    judged[at] = result?.passed ? { correct: true } : wrong(result?.reason ?? 'not run');
  }
  return judged;
};

async function judgeOne({ question, answer }: CheckedAnswer<null>): Promise<Judgement> {
  const task = TASKS.get(question.task);
  if (!task) return wrong(`no generator is called ${question.task}`);
  return task.check(question.facts, answer);
}

function refuse(code: string, { name }: CodingFacts): string | null {
  if (code.length > LONGEST_PROGRAM)
    return `the program has ${code.length} characters; at most ${LONGEST_PROGRAM} are run`;
  return new RegExp(`def ${name}\\s*\\(`).test(code) ? null : `no function ${name} is defined`;
}

/** A program that is the whole answer, bare or in one code fence: what the generators ask for. */
function bareProgram(answer: string): string {
  return /^```(?:python)?\n([\s\S]*?)\n?```\s*$/.exec(answer.trim())?.[1] ?? answer;
}
