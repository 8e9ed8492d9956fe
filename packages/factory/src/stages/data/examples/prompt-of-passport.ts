import { readFile } from 'node:fs/promises';
import { JudgePassport } from '@cogumi/contracts';
import { judgePrompt } from '@cogumi/teachers/judging';
import type { StageContext } from '../../context.ts';
import type { ExamplesOptions } from './options.ts';

/**
 * The prompt that the domain's judge holds a valid passport for, as its questions carry it; null: it holds none for what the checker
 * does with it.
 */
export async function promptOfPassport({
  options: { checker },
  optionalInput,
}: Pick<StageContext<ExamplesOptions>, 'options' | 'optionalInput'>): Promise<string | null> {
  const artifact = optionalInput('passport');
  if (artifact === null || checker.kind !== 'judge') return null;
  const passport = JudgePassport.parse(JSON.parse(await readFile(artifact.path('passport.json'), 'utf8')));
  const { verdict, teacher, form, minScore, prompt } = passport;
  // A passport for pairs says nothing of scores, nor the other way round.
  const wanted = checker.compare === 'pairs' ? 'pairs' : 'answers';
  const scored = form === 'pairs' || minScore === checker.minScore;
  const holds = form === wanted && teacher === checker.teacher && scored && prompt === judgePrompt(wanted);
  return verdict === 'valid' && holds ? prompt : null;
}
