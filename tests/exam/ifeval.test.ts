/**
 * Verdicts on IFEval against lm-eval's own code: published answers of GPT-4, and these and the prompts changed in ways that instructions
 * look at. `COGUMI_IFEVAL` names a folder with google-research's `input_data.jsonl` and `input_response_data_gpt4_20231107_145030.jsonl`, and
 * the folder `english` of NLTK's `punkt_tab`.
 */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GenerationItem, type IfevalRow, loadTask } from '@cogumi/evals';
import { describe, expect, it } from 'vitest';
import { ask, folder, type Result, requestOf, requestsIn } from './ask-lm-eval.ts';

const data = process.env.COGUMI_IFEVAL;

/** Where lm-eval draws lots: the language, and a letter in place of a sign. */
const LOTS = ['language:response_language', 'change_case:english_capital', 'change_case:english_lowercase'];
const drawsLots = (id: string, given: Readonly<Record<string, unknown>>) =>
  LOTS.includes(id) || (id === 'keywords:letter_frequency' && !/^[a-z]$/i.test(String(given.letter)));

const CHANGES: readonly ((answer: string, other: string, prompt: string) => string)[] = [
  (answer) => answer,
  (answer) => answer.toUpperCase(),
  (answer) => `"${answer.toLowerCase()}"`,
  (answer, other) => `${answer}\n******\n${other}`,
  (answer) => answer.replace(/\. /g, '.\n\n* ').replace(/, /g, ' *and* '),
  (answer, other) =>
    `Sure! Here it is:\n\n${answer}\n\n***\n\n${other}\n\nP.S. Dr. Smith's U.S. visit (at 5 p.m.) isn't over... Is it?`,
  (answer, _other, prompt) => `${prompt}\n\n${answer}`,
  (answer) => answer.slice(0, answer.length / 3),
  (answer) => `<<${answer.slice(0, 20)}>>\nSECTION 1 [name] [address]\n- ${answer}\nMy answer is yes.`,
  () => '{"a": [1, NaN], "b": "it\'s"}',
  () => ' \n\n ',
];

describe('ifeval', () => {
  it.skipIf(data === undefined)('is scored as lm-eval scores it', { timeout: 3_600_000 }, async () => {
    const lines = <Row>(name: string): Row[] =>
      readFileSync(join(data as string, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const rows = lines<IfevalRow>('input_data.jsonl');
    const given = lines<{ prompt: string; response: string }>('input_response_data_gpt4_20231107_145030.jsonl');
    const byPrompt = new Map(given.map(({ prompt, response }) => [prompt, response]));
    const answers = rows.map(({ prompt }) => byPrompt.get(prompt) ?? '');
    const runs = [
      ...CHANGES.map((change, run) =>
        answers.map((answer, at) =>
          // The language of an answer takes lm-eval half a second: only as GPT-4 gave it.
          run > 0 && rows[at]?.instruction_id_list.some((id) => LOTS.includes(id))
            ? ''
            : change(answer, answers[at - 1] ?? 'Nothing.', rows[at]?.prompt ?? ''),
        ),
      ),
    ];
    cpSync(join(data as string, 'english'), join(folder, 'nltk/tokenizers/punkt_tab/english'), { recursive: true });
    const job = { folders: ['ifeval'], tasks: ['ifeval'], splits: { default: { train: rows } }, shots: null };
    const { ifeval: theirs } = ask({ ...job, answers: { ifeval: runs } }, { NLTK_DATA: join(folder, 'nltk') });
    const asked = join(folder, 'ifeval');
    cpSync(join(data as string, 'english'), join(asked, 'english'), { recursive: true });
    cpSync(join(data as string, 'input_data.jsonl'), join(asked, 'input_data.jsonl'));
    const { items } = await loadTask('ifeval', { data: asked });
    expect(items.map(requestOf)).toEqual(requestsIn(theirs));
    const seen = { compared: 0, lots: 0, apartByLot: 0 };
    const apart: unknown[] = [];
    for (const [run, own] of runs.entries()) {
      for (const [at, item] of items.entries()) {
        const ours = (item as GenerationItem).score(own[at] as string);
        const their = (theirs as Result[string]).runs[run]?.[at] as unknown as typeof ours;
        const { instruction_id_list: ids, kwargs } = rows[at] as IfevalRow;
        for (const [place, id] of ids.entries()) {
          for (const way of ['inst_level_strict_acc', 'inst_level_loose_acc']) {
            const same = (ours[way] as number[])[place] === (their[way] as number[])[place];
            const lot = drawsLots(id, kwargs[place] as Record<string, unknown>);
            seen[lot ? 'lots' : 'compared']++;
            if (!same && lot) seen.apartByLot++;
            if (!same && !lot) apart.push({ id, way, run, key: rows[at]?.key, given: kwargs[place], answer: own[at] });
          }
        }
      }
    }
    const right = (name: string, of: (run: number, at: number) => unknown) =>
      items.filter((_, at) => (of(0, at) as Record<string, number>)[name] === 1).length;
    const ours = right('prompt_level_strict_acc', (_, at) =>
      (items[at] as GenerationItem).score(answers[at] as string),
    );
    const their = right('prompt_level_strict_acc', (run, at) => (theirs as Result[string]).runs[run]?.[at]);
    console.log(
      `ifeval: ${items.length} prompts, ${items.length * runs.length} answers; ${seen.compared} verdicts on instructions, ${apart.length} differences; ` +
        `of ${seen.lots} where lm-eval draws lots ${seen.apartByLot}; GPT-4 follows ${ours} prompts, ${their} by lm-eval`,
    );
    expect(apart.slice(0, 3)).toEqual([]);
    expect(seen.apartByLot).toBeLessThan(seen.lots / 20);
  });
});
