/**
 * Passports of judges whose verdicts are published: LLMBar (Zeng et al. 2024, arXiv:2310.07641) has 419 pairs with the verdicts of six
 * models in both orders. The verdicts come in over HTTP, as from a provider. Beside them judges that are bad on purpose.
 *
 * node --conditions=source benchmarks/judges/published.ts <Dataset/LLMBar of github.com/princeton-nlp/LLMBar>
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '../../packages/contracts/src/index.ts';
import { createRandom } from '../../packages/pure/src/index.ts';
import { checkJudge, describePassport, readLabels } from '../../packages/teachers/src/judging/index.ts';
import { startProviderServer } from '../../packages/teachers/src/testing/provider-server/start-provider-server.ts';
import { openTestTeacherPool } from '../../packages/teachers/src/testing/test-teacher-pool.ts';

const SETS = {
  natural: ['Natural'],
  adversarial: ['Adversarial/Neighbor', 'Adversarial/GPTInst', 'Adversarial/GPTOut', 'Adversarial/Manual'],
};
const MODELS = ['GPT-4', 'ChatGPT', 'ChatGPT-0301', 'PaLM2', 'LLaMA2', 'Falcon'];

interface Published {
  readonly input: string;
  readonly output_1: string;
  readonly output_2: string;
  readonly label: 1 | 2;
  readonly results: readonly Record<'swap = False' | 'swap = True', { readonly winner: '1' | '2' | null }>[];
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder Dataset/LLMBar');
const read = (set: string, model: string): Published[] =>
  JSON.parse(readFileSync(join(folder, set, 'evaluators', model, 'Vanilla/result.json'), 'utf8'));

const better = (letter: string) => JSON.stringify({ better: letter });
const coin = createRandom('coin');
const PLANTED: Readonly<Record<string, (above: string, below: string) => string>> = {
  'always-first': () => better('A'),
  longer: (above, below) => better(above.length >= below.length ? 'A' : 'B'),
  random: () => better(coin.chance(0.5) ? 'A' : 'B'),
  nonsense: () => 'Both answers are made of words.',
  refuses: () => "I'm sorry, but I can't judge that.",
};

/** Published replies by what is asked. */
const replies = new Map<string, string>();
const keyOf = (model: string, question: string, above: string, below: string) =>
  JSON.stringify([model, question.trim(), above.trim(), below.trim()]);
const split = (messages: readonly Message[]) =>
  /^Question:\n([\s\S]*)\n\nAnswer A:\n([\s\S]*)\n\nAnswer B:\n([\s\S]*)$/.exec(messages.at(-1)?.content ?? '');

const server = await startProviderServer({
  models: [...MODELS, ...Object.keys(PLANTED)],
  answer(messages, model) {
    const [, question = '', above = '', below = ''] = split(messages) ?? [];
    return PLANTED[model]?.(above, below) ?? replies.get(keyOf(model, question, above, below)) ?? '';
  },
});

for (const [name, sets] of Object.entries(SETS)) {
  const records = sets.flatMap((set) => read(set, 'GPT-4'));
  for (const model of MODELS) {
    for (const { input, output_1, output_2, results } of sets.flatMap((set) => read(set, model))) {
      const [result] = results;
      const say = (winner: '1' | '2' | null | undefined, first: '1' | '2') =>
        winner ? better(winner === first ? 'A' : 'B') : '';
      replies.set(keyOf(model, input, output_1, output_2), say(result?.['swap = False'].winner, '1'));
      replies.set(keyOf(model, input, output_2, output_1), say(result?.['swap = True'].winner, '2'));
    }
  }
  const labels = readLabels(
    records.map(({ input, output_1, output_2, label }) => ({
      ...{ question: input, first: output_1, second: output_2, better: label === 1 ? 'first' : 'second' },
    })),
    { name, minScore: 7 },
  );
  console.log(`${name}, ${labels.items.length} pairs\n`);
  for (const model of [...MODELS, ...Object.keys(PLANTED)]) {
    const teacher = `openai:${model}`;
    const pool = openTestTeacherPool(server.url, [teacher], {
      prices: { [teacher]: { input: 0, output: 0, batch: 0.5 } },
    });
    const context = { stage: 'judge', tier: null, batchable: false, signal: new AbortController().signal };
    const passport = await checkJudge(pool, { teacher, labels, samples: 0 }, context);
    await pool.close();
    const figures = passport.requirements.map(({ name: requirement, measured, interval: [low, high] }) => {
      const shown = [measured, low, high].map((value) => value.toFixed(2));
      return `${requirement} ${shown[0]} [${shown[1]}, ${shown[2]}]`;
    });
    console.log(
      `| ${model} | ${passport.agreement.toFixed(3)} | ${figures.join(' | ')} | ${describePassport(passport)} |`,
    );
  }
  console.log('');
}
await server.close();
