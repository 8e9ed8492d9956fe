import type { RatingComparison, RatingSummary } from '@cogumi/evals';
import { markdownTable } from '../terminal/markdown-table.ts';
import { printable } from '../terminal/style.ts';
import type { JudgeStanding } from './open-judge.ts';
import type { RatedModel } from './rate-model.ts';

const HEADS = ['mt_bench', 'rating', '95% interval', 'questions', 'first turn', 'second turn', 'unrated'];

/**
 * What a judge gave one model or two, from 1 to 10, as tables in Markdown, and what its word is worth.
 *
 * @param comparison - Of the first model with the second; null: there is one.
 */
export function describeRatings(
  models: readonly Pick<RatedModel, 'name' | 'ratings'>[],
  { teacher, standing, why }: JudgeStanding,
  comparison: RatingComparison | null,
): string {
  const tables = models.flatMap(({ name, ratings }) => [
    ...[`# ${printable(name)}, rated by ${printable(teacher)}`, ''],
    ...markdownTable(
      [HEADS, row('all', ratings), ...Object.entries(ratings.groups).map(([group, own]) => row(`- ${group}`, own))],
      (column) => column === 0,
    ),
    '',
  ]);
  const worth =
    standing === 'proof'
      ? `The ratings are proof: ${why}.`
      : `The ratings are advice and prove nothing: ${why}. A judge shows what it is worth by: cogumi judge ${teacher} --prompts judge_prompts.jsonl --labels …`;
  return [...tables, ...(comparison ? [compared(models, comparison), ''] : []), printable(worth)].join('\n');
}

function compared(
  models: readonly Pick<RatedModel, 'name'>[],
  { mean, interval: [low, high], questions, verdict }: RatingComparison,
): string {
  const [first = '', second = ''] = models.map(({ name }) => printable(name));
  return `${first} against ${second} on the same ${questions} questions: ${signed(mean)} (${signed(low)} to ${signed(high)}), ${verdict}.`;
}

function row(name: string, { mean, interval, questions, turns, unrated }: RatingSummary): string[] {
  const [first = null, second = null] = turns;
  const range = interval === null ? '-' : `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`;
  return [
    ...[printable(name), figure(mean), range, String(questions)],
    ...[figure(first), figure(second), String(unrated)],
  ];
}

const figure = (rating: number | null) => rating?.toFixed(2) ?? '-';
const signed = (difference: number) => `${difference < 0 ? '' : '+'}${difference.toFixed(2)}`;
