import { CogumiError } from '@cogumi/contracts';
import type { ModelHost } from '@cogumi/llama';

/**
 * Every token that ends an answer in PyTorch has to end one in llama.cpp, which knows end tokens by their names and by the one that
 * the file calls its own.
 *
 * @param ends - Of the model folder: generation_config.json, config.json and the tokenizer.
 * @throws CogumiError STOP_TOKEN with the tokens that llama.cpp writes on after.
 */
export async function refuseEndlessAnswers(
  host: Pick<ModelHost, 'detokenize'> & { readonly info: Pick<ModelHost['info'], 'endIds'> },
  ends: readonly number[],
): Promise<void> {
  const unknown = ends.filter((id) => !host.info.endIds.includes(id));
  if (unknown.length === 0) return;
  const shown = await Promise.all(
    unknown.map(async (id) => `${await host.detokenize([id], { special: true })} (${id})`),
  );
  throw new CogumiError(
    'STOP_TOKEN',
    `The model ends an answer with ${shown.join(', ')}; llama.cpp ends one with ${host.info.endIds.join(', ')} and would write on.`,
    'Name the token as `eos_token` in tokenizer_config.json, or take it out of `eos_token_id` in generation_config.json.',
  );
}
