import { readFile } from 'node:fs/promises';
import { CogumiError, EXIT, JudgePassport, Teacher } from '@cogumi/contracts';
import type { Rater } from '@cogumi/evals';
import { describePassport } from '@cogumi/teachers/judging';
import { UsageError } from '../parse-call.ts';
import { type EndpointOptions, openPool } from './open-endpoint.ts';

/** What the ratings of a judge are: proof only with a valid passport for this judge and these prompts. */
export interface JudgeStanding {
  readonly teacher: Teacher;
  readonly standing: 'proof' | 'advice';
  /** In words. */
  readonly why: string;
}

/** @throws UsageError for a name that is no judge. */
export function judgeOf(name: string): Teacher {
  const { success, data } = Teacher.safeParse(name);
  if (success && !data.startsWith('procedural:')) return data;
  throw new UsageError(
    success ? `${name} answers generated questions and judges no text.` : `"${name.slice(0, 80)}" is no judge.`,
    'Name a model by its provider, such as openai:gpt-5-mini or vllm:my-model.',
  );
}

/**
 * Reads what a judge may claim.
 *
 * @param path - Of its passport (`cogumi judge --output`); undefined: it has none.
 * @param prompt - SHA-256 of the prompts that it is asked by.
 * @throws CogumiError PASSPORT_INVALID.
 */
export async function standingOf(teacher: Teacher, path: string | undefined, prompt: string): Promise<JudgeStanding> {
  const advice = (why: string): JudgeStanding => ({ teacher, standing: 'advice', why });
  if (path === undefined) return advice('no passport was named');
  const passport = await readPassport(path);
  if (passport.teacher !== teacher) return advice(`the passport is that of ${passport.teacher}`);
  if (passport.form !== 'answers') return advice('the passport is one for pairs of answers');
  if (passport.prompt !== prompt) return advice('the passport is one for another prompt');
  if (passport.verdict !== 'valid') return advice(`its passport is ${describePassport(passport)}`);
  const agreement = passport.agreement.toFixed(2);
  return {
    teacher,
    standing: 'proof',
    why: `its passport is valid: agreement ${agreement} on ${passport.items} labels`,
  };
}

async function readPassport(path: string): Promise<JudgePassport> {
  try {
    return JudgePassport.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new CogumiError(
      'PASSPORT_INVALID',
      `${path} is no passport of a judge: ${(cause as Error).message.slice(0, 200)}.`,
      'Make one with: cogumi judge … --prompts judge_prompts.jsonl --output passport.json',
      { exitCode: EXIT.usage, cause },
    );
  }
}

/** Opens a judge, which is asked whether it takes key and model. @throws As `openPool`. */
export async function openJudge(
  teacher: Teacher,
  options: EndpointOptions,
  signal: AbortSignal,
): Promise<Rater & { close(): Promise<void> }> {
  const pool = await openPool(teacher, options, signal);
  return { teacher, pool, close: () => pool.close() };
}
