import type { JudgeRequirement } from '@cogumi/contracts';
import { judgeAtLeast, type Kappa, kappa, wilsonInterval } from '@cogumi/pure';
import { type Difference, differenceFromPeople } from './difference-from-people.ts';
import type { JudgedItem } from './judged-item.ts';
import { majority } from './labels.ts';

/** Least share of items with a readable verdict (chosen: as for answers that are compared). */
const READABLE = 0.9;
/** What a coin reaches that knows nothing of the answers. */
const COIN = 0.5;
/** Where only one person labelled each item: below it agreement is at most fair (Landis & Koch 1977, Biometrics 33). */
const MODERATE = 0.4;
/** How much less a judge may agree with people than they do among themselves (Calderon et al. 2025, arXiv:2501.10970: 0.1 for crowds). */
const PEOPLE_MARGIN = 0.1;

type Measured = Omit<JudgeRequirement, 'verdict'>;

/** What a judge has to show, measured. @param interchangeable - See `kappa`. */
export function requirementsOf<Label>(
  items: readonly JudgedItem<Label>[],
  interchangeable: readonly Label[],
): { readonly requirements: JudgeRequirement[]; readonly agreement: Kappa | null } {
  const agreement = agreementOf(items, interchangeable);
  const measured = [
    readable(items),
    ...(items.some(({ steady, places }) => steady !== null || places.length > 0) ? [order(items)] : []),
    length(items),
    ...(items.some(({ repeats }) => repeats !== null) ? [repeats(items)] : []),
    chance(agreement),
    people(items, agreement),
  ];
  return { agreement, requirements: measured.map((one) => ({ ...one, verdict: verdictOf(one) })) };
}

/** Judge and majority, item by item; no verdict is a category of its own, which agrees with nobody. */
function agreementOf<Label>(items: readonly JudgedItem<Label>[], interchangeable: readonly Label[]): Kappa | null {
  const rated = items.flatMap(({ people, judge }): [Label | null, Label][] => {
    const label = majority(people);
    return label === null ? [] : [[judge, label]];
  });
  return kappa<Label | null>(rated, interchangeable);
}

function verdictOf({ name, items, threshold, measured, interval }: Measured): JudgeRequirement['verdict'] {
  if (items === 0) return 'inconclusive';
  const verdict = judgeAtLeast(threshold, measured, interval);
  // A judge whose agreement only equals chance agrees by chance.
  return name === 'chance' && verdict === 'pass' && interval[0] === threshold ? 'inconclusive' : verdict;
}

function share(hits: number, trials: number): Pick<Measured, 'measured' | 'interval' | 'items'> {
  if (trials === 0) return { measured: 0, interval: [0, 1], items: 0 };
  return { measured: hits / trials, interval: wilsonInterval(hits, trials), items: trials };
}

function readable(items: readonly JudgedItem[]): Measured {
  const read = items.filter(({ judge }) => judge !== null).length;
  const refusals = items.reduce((sum, item) => sum + item.refusals, 0);
  const refused = refusals > 0 ? `; ${refusals} replies refuse to judge` : '';
  return {
    name: 'readable',
    criterion: 'It says a verdict that can be read',
    threshold: READABLE,
    ...share(read, items.length),
    evidence: `${read} of ${items.length} items have a verdict${refused}`,
  };
}

function order(items: readonly JudgedItem[]): Measured {
  const read = items.filter(({ steady }) => steady !== null);
  const steady = read.filter((item) => item.steady).length;
  const places = read.flatMap((item) => item.places);
  const above = places.filter((place) => place === 'above').length;
  return {
    name: 'order',
    criterion: 'Its verdict stays when the two answers change places, more often than by a coin',
    threshold: COIN,
    ...share(steady, read.length),
    evidence: `${steady} of ${read.length} verdicts stay; it prefers the upper answer in ${above} of ${places.length}`,
  };
}

function length(items: readonly JudgedItem[]): Measured {
  const misled = items.filter(({ lengthMisleads, byLength }) => lengthMisleads && byLength !== null);
  const right = misled.filter(({ byLength }) => !byLength).length;
  const decided = items.filter(({ byLength }) => byLength !== null);
  const longer = decided.filter(({ byLength }) => byLength).length;
  const follows = `its verdict is the one that the length suggests in ${longer} of ${decided.length}`;
  return {
    name: 'length',
    criterion: 'It is right where the length misleads, more often than by a coin',
    threshold: COIN,
    ...share(right, misled.length),
    evidence:
      misled.length === 0
        ? `people never say otherwise than the length suggests, or it gave no verdict there; ${follows}`
        : `right in ${right} of ${misled.length} where people say otherwise than the length suggests; ${follows}`,
  };
}

function repeats(items: readonly JudgedItem[]): Measured {
  const drawn = items.filter((item) => item.repeats !== null);
  const equal = drawn.filter((item) => item.repeats).length;
  return {
    name: 'repeats',
    criterion: 'All samples of its verdict are equal, for most items',
    threshold: COIN,
    ...share(equal, drawn.length),
    evidence: `for ${equal} of ${drawn.length} items`,
  };
}

function chance(agreement: Kappa | null): Measured {
  return {
    name: 'chance',
    criterion: 'It agrees with people more than chance does (Cohen’s kappa above 0)',
    threshold: 0,
    ...kappaOf(agreement),
    evidence: describe(agreement),
  };
}

function people<Label>(items: readonly JudgedItem<Label>[], agreement: Kappa | null): Measured {
  const found = differenceFromPeople(items);
  if (found === null) {
    return {
      name: 'people',
      criterion: 'It agrees with people at least moderately (Cohen’s kappa)',
      threshold: MODERATE,
      ...kappaOf(agreement),
      evidence: `${describe(agreement)}; each item has one label, so how far people agree is not known`,
    };
  }
  const { items: trials, difference, interval, withPeople, amongPeople }: Difference = found;
  return {
    name: 'people',
    criterion: `It agrees with people as they agree among themselves, but for ${PEOPLE_MARGIN}`,
    threshold: -PEOPLE_MARGIN,
    measured: difference,
    interval: [...interval],
    items: trials,
    evidence: `it agrees with ${percent(withPeople)} of the people, they with ${percent(amongPeople)} of the others`,
  };
}

function kappaOf(agreement: Kappa | null): Pick<Measured, 'measured' | 'interval' | 'items'> {
  if (agreement === null) return { measured: 0, interval: [-1, 1], items: 0 };
  return { measured: agreement.kappa, interval: [...agreement.interval], items: agreement.items };
}

function describe(agreement: Kappa | null): string {
  if (agreement === null) return 'judge and people use one category, which chance explains';
  const { agreeing, items, chance: expected } = agreement;
  return `it says what most people say in ${agreeing} of ${items}; chance gives ${percent(expected)}`;
}

const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
