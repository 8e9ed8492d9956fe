import { join } from 'node:path';
import { type Domain, type Gate, Samples, turnsOf } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { chatPrompt } from '@cogumi/llama';
import { createRandom, normaliseText, pairedRatio } from '@cogumi/pure';
import { expectedScores } from '@cogumi/teachers';
import { expectAsked, readAsked } from '../../asked-questions.ts';
import { answerSeconds, hostBytes, loadSeconds, modelOf } from '../../costs.ts';
import { judgeGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { isConsistent, measureConsistency, nowConsistent } from './measure-consistency.ts';
import { SampleStageOptions } from './options.ts';

/** Asks a model each question several times, judges every answer, and measures how often they agree. */
export const sample = defineStage({
  name: 'sample',
  version: 1,
  inputs: { gguf: 'gguf', 'adapter?': 'gguf-adapter', questions: 'questions', 'against?': 'samples' },
  output: 'samples',
  options: SampleStageOptions,
  cacheInputs: ['llama', 'teachers'],
  resumable: false,
  gateNames: (_options, inputs) => (inputs.includes('against') ? ['no-less-consistent-*'] : []),
  workload: ({ domains, maxTokens, sequences, samples }, { questions, gguf }) => {
    const model = modelOf(gguf);
    const asked = expectAsked(questions, domains);
    const items = samples * asked.reduce((sum, { count }) => sum + count, 0);
    return {
      items,
      unit: 'answers',
      fixedSeconds: 1 + loadSeconds(model),
      // As for `evaluate`.
      secondsPerItem: 0.001 + answerSeconds(model, maxTokens),
      bytes: items * 120,
      asks: asked.flatMap(({ judge, count }) => expectedScores(judge, samples * count)),
      memory: { models: hostBytes(model, sequences) },
    };
  },
  async run(context) {
    const { samples, temperature, maxTokens, sequences, domains } = context.options;
    const questions = await readAsked(context.input('questions'), domains);
    const adapter = context.optionalInput('adapter');
    const host = await context.openModel({
      modelPath: context.input('gguf').path('model.gguf'),
      sequences,
      ...(adapter ? { adapters: { modifier: adapter.path('adapter.gguf') } } : {}),
    });
    const total = questions.length * samples;
    const completions = await host.completeAll(
      questions.flatMap((question) => {
        const prompt = chatPrompt(host.info, turnsOf(question));
        const random = createRandom(`${context.seed}/sample/${question.question_id}`);
        return Array.from({ length: samples }, (_, at) => ({
          ...{ prompt, adapter: adapter ? 'modifier' : null, maxTokens },
          ...(at === 0 ? { temperature: 0 } : { temperature, seed: random.integer(0, 2 ** 31 - 1) }),
        }));
      }),
      { onProgress: (done) => context.progress({ done, total, unit: 'answers' }) },
    );
    const given = questions.flatMap((question, number) =>
      Array.from({ length: samples }, (_, at) => {
        const { text = '', finishReason = 'stop' } = completions[number * samples + at] ?? {};
        return { question, answer: text, cut: finishReason === 'length' };
      }),
    );
    const requestContext = { stage: 'sample', batchable: true, signal: context.signal };
    const verdicts = await context.teacherPool.judgeModel(given, requestContext);
    const found = questions.map(({ question_id, domain }, number): Samples => {
      const answers = given.slice(number * samples, (number + 1) * samples).map(({ answer }, at) => {
        const { correct = null, extracted = null } = verdicts[number * samples + at] ?? {};
        return { answer, says: normaliseText(extracted ?? answer).replace(/\.$/, ''), correct };
      });
      return { question_id, domain, answers };
    });
    await writeJsonl(join(context.output, 'samples.jsonl'), found);
    const against = context.optionalInput('against');
    const before = against ? await readAllJsonl(against.path('samples.jsonl'), Samples) : null;
    return {
      gates: before ? consistencyGates(found, before) : [],
      facts: {
        ...{ samples, temperature, ...measureConsistency(found) },
        ofInconsistent: before && nowConsistent(found, before),
      },
      items: total,
    };
  },
});

/** A guard for each domain: not fewer questions whose samples agree than those of the other model. */
function consistencyGates(ours: readonly Samples[], theirs: readonly Samples[]): Gate[] {
  const others = new Map(theirs.map((one) => [one.question_id, isConsistent(one)]));
  return [...Map.groupBy(ours, ({ domain }) => domain)].map(([domain, own]) => {
    const pairs = own.flatMap((one): [boolean, boolean][] => {
      const other = others.get(one.question_id);
      return other === undefined ? [] : [[isConsistent(one), other]];
    });
    return consistencyGate(domain, pairs);
  });
}

function consistencyGate(domain: Domain, pairs: readonly (readonly [boolean, boolean])[]): Gate {
  const { ratio, interval, ours, theirs } =
    pairs.length > 0 ? pairedRatio(pairs) : { ratio: 0, interval: null, ours: 0, theirs: 0 };
  return judgeGate({
    name: `no-less-consistent-${domain}`,
    criterion: `Not fewer questions whose samples all agree than before (${domain})`,
    ...{ bound: 'at-least', threshold: 1, measured: ratio, interval, guard: true, unit: 'ratio' },
    items: ours + theirs === 0 ? 0 : pairs.length,
    nothing: `nothing can fall: no question has samples that all agree, of ${pairs.length}`,
    evidence: `samples.jsonl: all samples agree on ${ours} questions, before on ${theirs}, of the same ${pairs.length}`,
    advice: 'More samples or seed prompts to learn from, or fewer epochs.',
  });
}
