import type { DomainChange } from '@cogumi/contracts';
import type { AnswerPair } from '../../pair-answers.ts';

/** Chance of a fall that is told where there is none, in a domain (chosen: the usual level). */
const FALSE_ALARM = 0.05;

/**
 * Right answers of each domain before a change and after it, and whether it falls: by McNemar's exact test, one-sided, at 5%. This is
 * stricter than the guards that follow, which share two-sided 5% among all domains.
 *
 * @param pairs - `theirs` is the answer before. Those without a verdict are left out.
 */
export function tallyFalls(pairs: readonly AnswerPair[]): DomainChange[] {
  return [...Map.groupBy(pairs, ({ domain }) => domain)].map(([domain, own]) => {
    const measured = own.filter(({ ours, theirs }) => ours !== null && theirs !== null);
    const lost = measured.filter(({ ours, theirs }) => theirs && !ours).length;
    const gained = measured.filter(({ ours, theirs }) => ours && !theirs).length;
    const before = measured.filter(({ theirs }) => theirs).length;
    const falls = atLeast(lost, lost + gained) < FALSE_ALARM;
    return { domain, questions: measured.length, before, lost, gained, falls };
  });
}

/** Chance of at least so many heads of `tosses` of a fair coin. In logarithms: 2 ** 1024 is no finite number. */
function atLeast(heads: number, tosses: number): number {
  let log = -tosses * Math.LN2;
  let sum = heads === 0 ? Math.exp(log) : 0;
  for (let count = 1; count <= tosses; count++) {
    log += Math.log((tosses - count + 1) / count);
    if (count >= heads) sum += Math.exp(log);
  }
  return sum;
}
