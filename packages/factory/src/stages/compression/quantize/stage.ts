import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { chatPrompt, type QuantizationType, quantize as quantizeGguf } from '@cogumi/llama';
import { makeFolder } from '@cogumi/pure';
import { ggufBytes, hostBytes, modelOf, quantizedSize, readSeconds } from '../../costs.ts';
import { judgeGate, shareGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { compareWeights } from './compare-weights.ts';
import { measureAgreement } from './measure-agreement.ts';
import { COARSER, QuantizeOptions } from './options.ts';

/** Quantizes a GGUF file, checks every weight of it, and measures how often it still predicts the same next token. */
export const quantize = defineStage({
  name: 'quantize',
  version: 5,
  inputs: { gguf: 'gguf', questions: 'questions' },
  output: 'gguf',
  options: QuantizeOptions,
  cacheInputs: ['llama'],
  resumable: false,
  gateNames: () => ['rounding-only', 'same-answer'],
  workload: ({ positions, type, minAgreement }, { gguf }) => {
    const before = modelOf(gguf);
    const model = quantizedSize(before, type);
    const coarser = minAgreement === null ? [quantizedSize(before, COARSER[type])] : [];
    const models = [before, model, ...coarser];
    return {
      items: positions,
      unit: 'positions',
      // The files are loaded; 50 M weights a second are quantized or restored, and 38 M compared (measured).
      fixedSeconds: 1 + before.parameters * ((2 + coarser.length) / 50e6 + 1 / 38e6),
      secondsPerItem: models.reduce((sum, one) => sum + readSeconds(one, true), 0),
      bytes: ggufBytes(model) + ggufBytes(before),
      memory: { models: models.reduce((sum, one) => sum + hostBytes(one, 1), 0) },
      model,
    };
  },
  async run(context) {
    const { type, positions: wanted, minAgreement } = context.options;
    const source = context.input('gguf').path('model.gguf');
    const target = join(context.output, 'model.gguf');
    const work = join(context.output, 'work');
    makeFolder(work);
    const write = async (output: string, as: QuantizationType, input = source) => {
      await quantizeGguf({ input, output, type: as, threads: context.threads, again: input === target });
      return output;
    };
    await write(target, type);
    const restored = await write(join(work, 'restored.gguf'), 'F16', target);
    const weights = await compareWeights(source, target, restored);
    await rm(restored);

    const questions = context.random.shuffle(
      await readAllJsonl(context.input('questions').path('questions.jsonl'), Question),
    );
    const others = [target];
    if (minAgreement === null) others.push(await write(join(work, 'coarser.gguf'), COARSER[type]));
    // Side by side, one thread each: a second thread in the same pass gives less.
    const open = (modelPath: string) => context.openModel({ modelPath, sequences: 1, threads: 1 });
    const [before, ...after] = await Promise.all([open(source), ...others.map(open)]);
    const prompts = questions.map(({ question }) => chatPrompt(before.info, [{ role: 'user', content: question }]));
    const { agreeing, positions } = await measureAgreement(before, after, prompts, wanted, (done) =>
      context.progress({ done: Math.min(done, wanted), total: wanted, unit: 'positions' }),
    );
    const [own = 0, coarser = 0] = agreeing;
    const bytes = (await stat(target)).size;
    const { parameters } = before.info;
    return {
      gates: [
        judgeGate({
          name: 'rounding-only',
          criterion: `Every row and the scale of every tensor differ from the source by no more than rounding to ${type} explains`,
          bound: 'at-most',
          threshold: 1,
          measured: weights.worst.share,
          unit: 'of what rounding explains',
          evidence: `all weights of ${weights.tensors} tensors, farthest ${weights.worst.where}`,
          advice: 'The file is not the model: look for a disk that loses bytes or another llama.cpp.',
        }),
        shareGate(
          {
            name: 'same-answer',
            criterion:
              minAgreement === null
                ? `The compressed model and f16 agree on the most likely next token, at least as often as ${COARSER[type]} and f16`
                : 'The compressed model and f16 agree on the most likely next token',
            threshold: minAgreement ?? coarser / Math.max(1, positions),
            unit: 'share of positions',
            evidence: `${positions} positions of held-out questions`,
            guard: minAgreement === null,
            advice:
              'Use another `quantize.type`: a smaller file would say the same. `evaluate.quantized` shows the cost in right answers.',
          },
          own,
          positions,
        ),
      ],
      facts: {
        type,
        bytes,
        bitsPerWeight: Number(((bytes * 8) / parameters).toFixed(3)),
        parameters,
        farthestWeights: weights.worst.share,
        topOneAgreement: own / positions,
        positions,
      },
    };
  },
});
