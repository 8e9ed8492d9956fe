import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runStage } from '../../../testing/stage-context.ts';
import { testEngine } from '../../../testing/test-engine.ts';
import { checkModelFolder } from '../base/check-model-folder.ts';
import { pretrain } from './stage.ts';

describe('pretrain', () => {
  const engine = testEngine();

  it('makes a whole model with a tokenizer of its own, in full precision', async () => {
    const { artifact, path, facts, progress } = await runStage(pretrain, {
      engine,
      options: {
        ...{ rows: 60, validationRows: 10, steps: 2, batchTokens: 512, learningRate: 1e-3 },
        ...{ vocabularySize: 320, hiddenSize: 256, layers: 1, heads: 2, keyValueHeads: 1, feedForwardSize: 256 },
      },
    });
    const found = await checkModelFolder(artifact.folder);
    expect(found).toMatchObject({ architecture: 'LlamaForCausalLM' });
    expect(facts).toMatchObject({ parameters: found.parameters, licence: 'Apache-2.0' });
    expect(JSON.parse(readFileSync(path('config.json'), 'utf8'))).toMatchObject({
      ...{ vocab_size: 320, hidden_size: 256, num_hidden_layers: 1 },
    });
    expect(progress.at(-1)).toMatchObject({ done: 2, total: 2, unit: 'steps' });
    // The corpus is working state, not part of the model.
    expect(artifact.manifest.files.filter(({ path: name }) => name.startsWith('work'))).toEqual([]);
  });
});
