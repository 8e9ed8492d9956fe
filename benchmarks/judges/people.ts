/**
 * A judge beside three people: PandaLM (Wang et al. 2024, arXiv:2306.05087) has 999 pairs labelled by three people, and the verdicts of two
 * models, in one order: they are taken for both, so that the requirement `order` says nothing here. Each person is a judge too.
 *
 * node --conditions=source benchmarks/judges/people.ts <data of github.com/WeOpenML/PandaLM>
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkJudge,
  describePassport,
  type Preference,
  readLabels,
} from '../../packages/teachers/src/judging/index.ts';

interface Pair {
  readonly idx: number;
  readonly instruction: string;
  readonly input: string;
  readonly response1: unknown;
  readonly response2: unknown;
  readonly annotator1: 0 | 1 | 2;
  readonly annotator2: 0 | 1 | 2;
  readonly annotator3: 0 | 1 | 2;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder data of PandaLM');
const read = <Row>(name: string): Row[] => JSON.parse(readFileSync(join(folder, name), 'utf8'));

const NAMES = ['tie', 'first', 'second'] as const;
const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';
const pairs = read<Pair>('testset-v1.json').filter(
  ({ response1, response2 }) => isText(response1) && isText(response2),
);
const people = ['annotator1', 'annotator2', 'annotator3'] as const;
/** What is judged by whom, and who is compared with. */
const judges: [name: string, says: (pair: Pair) => unknown, others: readonly (typeof people)[number][]][] = [
  ...people.map((who): (typeof judges)[number] => [who, (pair) => pair[who], people.filter((one) => one !== who)]),
  ...['gpt-3.5-turbo', 'pandalm-7b'].map((model): (typeof judges)[number] => {
    const key = model === 'pandalm-7b' ? 'pandalm_result' : 'gpt_result';
    const verdicts = new Map(
      read<Record<string, unknown>>(`${model}-testset-v1.json`).map((verdict) => [verdict.idx, verdict[key]]),
    );
    return [model, ({ idx }) => verdicts.get(idx), people];
  }),
];
for (const [name, says, others] of judges) {
  const labels = readLabels(
    pairs.map((pair) => ({
      question: `${pair.instruction}\n${pair.input}`,
      ...{ first: pair.response1, second: pair.response2 },
      ...{ better: others.map((who) => NAMES[pair[who]] as Preference) },
    })),
    { name: 'PandaLM', minScore: 7 },
  );
  // Requests come in the order of the pairs, first as they stand, then swapped.
  const complete = async () =>
    [false, true].flatMap((swapped) =>
      pairs.map((pair) => {
        const verdict = NAMES[Number(says(pair))];
        const above = swapped ? 'second' : 'first';
        return verdict === undefined
          ? null
          : JSON.stringify({ better: verdict === 'tie' ? 'tie' : verdict === above ? 'A' : 'B' });
      }),
    );
  const context = { stage: 'judge', tier: null, batchable: false, signal: new AbortController().signal };
  const passport = await checkJudge({ complete }, { teacher: `published:${name}`, labels, samples: 0 }, context);
  const of = (wanted: string) => passport.requirements.find((one) => one.name === wanted);
  const figures = ['chance', 'people', 'length'].map((wanted) => {
    const { measured = 0, interval: [low, high] = [0, 0] } = of(wanted) ?? {};
    return `${measured.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  });
  console.log(
    `| ${name} | ${passport.agreement.toFixed(3)} | ${figures.join(' | ')} | ${describePassport(passport)} | ${of('people')?.evidence} |`,
  );
}
