import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { chatPrompt, type ModelHost, quantize as quantizeGguf } from '@cogumi/llama';
import { ggufBytes, hostBytes, modelOf, quantizedSize, readSeconds } from '../../costs.ts';
import { shareGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { measureAgreement } from './measure-agreement.ts';
import { QuantizeOptions } from './options.ts';

/** Quantizes a GGUF file and measures how often it still predicts the same next token. */
export const quantize = defineStage({
  name: 'quantize',
  version: 4,
  inputs: { gguf: 'gguf', questions: 'questions' },
  output: 'gguf',
  options: QuantizeOptions,
  cacheInputs: ['llama'],
  resumable: false,
  gateNames: () => ['same-answer'],
  workload: ({ positions, type }, { gguf }) => {
    const before = modelOf(gguf);
    const model = quantizedSize(before, type);
    return {
      items: positions,
      unit: 'positions',
      // Both files are loaded; weights are quantized at 50 M a second (measured).
      fixedSeconds: 1 + model.parameters / 50e6,
      secondsPerItem: readSeconds(before, true) + readSeconds(model, true),
      bytes: ggufBytes(model),
      memory: { models: hostBytes(before, 1) + hostBytes(model, 1) },
      model,
    };
  },
  async run(context) {
    const { type, positions: wanted, minAgreement } = context.options;
    const source = context.input('gguf');
    const target = join(context.output, 'model.gguf');
    await quantizeGguf({ input: source.path('model.gguf'), output: target, type, threads: context.threads });

    const questions = context.random.shuffle(
      await readAllJsonl(context.input('questions').path('questions.jsonl'), Question),
    );
    // Side by side, one thread each: a second thread in the same pass gives less.
    const [before, after] = (await Promise.all(
      [source.path('model.gguf'), target].map((modelPath) =>
        context.openModel({ modelPath, sequences: 1, threads: 1 }),
      ),
    )) as [ModelHost, ModelHost];
    const prompts = questions.map(({ question }) => chatPrompt(after.info, [{ role: 'user', content: question }]));
    const { agreeing, positions } = await measureAgreement({ before, after }, prompts, wanted, (done) =>
      context.progress({ done: Math.min(done, wanted), total: wanted, unit: 'positions' }),
    );
    const bytes = (await stat(target)).size;
    const { parameters } = after.info;
    return {
      gates: [
        shareGate(
          {
            name: 'same-answer',
            criterion: 'The compressed model and f16 agree on the most likely next token',
            threshold: minAgreement,
            unit: 'share of positions',
            evidence: `${positions} positions of held-out questions`,
            advice:
              'Use a larger `quantize.type`; if inconclusive, more `quantize.positions`. `evaluate.quantized` shows the cost in right answers.',
          },
          agreeing,
          positions,
        ),
      ],
      facts: {
        type,
        bytes,
        bitsPerWeight: Number(((bytes * 8) / parameters).toFixed(3)),
        parameters,
        topOneAgreement: agreeing / positions,
        positions,
      },
    };
  },
});
