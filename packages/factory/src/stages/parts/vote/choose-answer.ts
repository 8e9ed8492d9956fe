import { agree, type Domain, type Sample, type Samples } from '@cogumi/contracts';
import type { Random } from '@cogumi/pure';
import type { VoteOptions } from './options.ts';

/** Domains whose good answers differ: one of them is drawn. In all others the likeliest one is taken, where it is among the good. */
const CREATIVE: readonly Domain[] = ['summarization', 'instruction_following'];

/**
 * The answer that a question is taught with, of those that its samples give.
 *
 * @returns null: none is right, or none has votes enough.
 */
export function chooseAnswer(
  { domain, answers }: Samples,
  { by, minShare }: Pick<VoteOptions, 'by' | 'minShare'>,
  random: Random,
): Sample | null {
  const good = by === 'check' ? answers.filter(({ correct }) => correct === true) : mostVoted(answers, minShare);
  const [likeliest] = good;
  if (likeliest === undefined) return null;
  return CREATIVE.includes(domain) ? random.pick(good) : likeliest;
}

/** The largest group of answers that say the same, in their order; none below the share. Their verdicts are not looked at. */
function mostVoted(answers: readonly Sample[], minShare: number): Sample[] {
  const votes = answers.map((answer) => ({ ...answer, correct: null }));
  const groups = votes.map((one) => answers.filter((_, at) => agree(one, votes[at] as Sample)));
  const largest = groups.reduce((best, group) => (group.length > best.length ? group : best), []);
  return largest.length / answers.length >= minShare ? largest : [];
}
