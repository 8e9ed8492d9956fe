import type { DomainResult } from '@cogumi/contracts';
import { dim, paint } from '../terminal/style.ts';

/**
 * What a bundle can do, a line a domain: right answers, beside those of the model that the build started from, and the route.
 * Domains with a modifier come first.
 */
export function describeDomains(name: string, domains: readonly DomainResult[]): string {
  const width = Math.max(...domains.map(({ domain }) => domain.length));
  const lines = domains
    .toSorted((left, right) => Number(left.route === 'base') - Number(right.route === 'base'))
    .map(({ domain, route, questions, right, startRight, change }) => {
      const by = route === 'base' ? 'no modifier' : `modifier ${route}`;
      const before = `(base ${percent(startRight, questions)})`.padEnd(11);
      return `    ${domain.replaceAll('_', ' ').padEnd(width)}  ${percent(right, questions).padStart(4)} ${before} ${mark(change, right - startRight)}  ${dim(by)}`;
    });
  return [
    `  ${paint('bold', name)} answers of held-out questions right, and the base that it was built from:`,
    ...lines,
    dim('    ▲ better, ▼ worse than that base for certain; △ ▽ so few answers differ that it may be chance'),
  ].join('\n');
}

/** The sign of a change: filled where it is certain, hollow where it may be chance. */
export function mark(change: DomainResult['change'], by: number): string {
  if (change === 'up') return paint('green', '▲');
  if (change === 'down') return paint('red', '▼');
  if (by === 0) return '=';
  return by > 0 ? '△' : paint('yellow', '▽');
}

function percent(right: number, questions: number): string {
  return `${Math.round((100 * right) / questions)}%`;
}
