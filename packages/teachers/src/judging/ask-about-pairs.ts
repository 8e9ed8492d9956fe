import type { Teacher } from '@cogumi/contracts';
import { isRefusal } from '../extraction/is-refusal.ts';
import type { RequestContext, TeacherPool } from '../teacher-pool.ts';
import { drawSamples } from './draw-samples.ts';
import type { JudgedItem } from './judged-item.ts';
import { type LabelledPair, majority, type Preference } from './labels.ts';
import { pairCall, readPreference } from './pair-prompt.ts';

/**
 * Has a judge compare the answers of each pair in both orders, and draws samples of its verdicts. A verdict counts where both orders
 * give it; two that differ are a tie (Zheng et al. 2023, arXiv:2306.05685, section 3.4).
 *
 * @param samples - Further verdicts a pair, drawn with a temperature; 0: none.
 */
export async function askAboutPairs(
  teacherPool: Pick<TeacherPool, 'complete'>,
  teacher: Teacher,
  pairs: readonly LabelledPair[],
  samples: number,
  requestContext: RequestContext,
): Promise<JudgedItem<Preference>[]> {
  const inBoth = await askInBothOrders(teacherPool, teacher, pairs, requestContext);
  // Each order for half of the pairs, so that the samples favour none.
  const swappedAt = (at: number) => at % 2 === 1;
  const drawn = await drawSamples(
    samples,
    (temperature) => pairs.map((pair, at) => pairCall(pair, { swapped: swappedAt(at), temperature })),
    (reply, at) => readPreference(reply, swappedAt(at)),
    { teacherPool, teacher, requestContext },
  );
  return pairs.map((pair, at) => {
    const { plain, swapped, judge, refusals } = inBoth[at] as BothOrders;
    const longer = longerOf(pair);
    const people = majority(pair.people);
    return {
      people: pair.people,
      judge,
      steady: judge === null ? null : plain === swapped,
      places: [placeOf(plain, 'first'), placeOf(swapped, 'second')].filter((place) => place !== null),
      byLength: longer === null || judge === null || judge === 'tie' ? null : judge === longer,
      lengthMisleads: longer !== null && people !== null && people !== 'tie' && people !== longer,
      repeats: drawn[at] ?? null,
      refusals,
    };
  });
}

/** What a judge says of a pair in both orders. */
export interface BothOrders {
  /** As the pair stands, and with its answers swapped; null: the reply cannot be read. */
  readonly plain: Preference | null;
  readonly swapped: Preference | null;
  /** What both orders give; two that differ are a tie. null: one of them cannot be read. */
  readonly judge: Preference | null;
  readonly refusals: number;
}

/** Has a judge compare the answers of each pair in both orders. */
export async function askInBothOrders(
  teacherPool: Pick<TeacherPool, 'complete'>,
  teacher: Teacher,
  pairs: readonly Pick<LabelledPair, 'question' | 'first' | 'second'>[],
  requestContext: RequestContext,
): Promise<BothOrders[]> {
  const calls = [false, true].flatMap((swapped) => pairs.map((pair) => pairCall(pair, { swapped, temperature: 0 })));
  const replies = await teacherPool.complete(teacher, calls, requestContext);
  return pairs.map((_, at) => {
    const own = [replies[at] ?? null, replies[pairs.length + at] ?? null] as const;
    const [plain, swapped] = [readPreference(own[0], false), readPreference(own[1], true)];
    const judge = plain === null || swapped === null ? null : plain === swapped ? plain : 'tie';
    return { plain, swapped, judge, refusals: own.filter((reply) => reply !== null && isRefusal(reply)).length };
  });
}

/** The longer answer in characters; null: both have as many. */
function longerOf({ first, second }: LabelledPair): 'first' | 'second' | null {
  if (first.length === second.length) return null;
  return first.length > second.length ? 'first' : 'second';
}

function placeOf(verdict: Preference | null, above: 'first' | 'second'): 'above' | 'below' | null {
  if (verdict === null || verdict === 'tie') return null;
  return verdict === above ? 'above' : 'below';
}
