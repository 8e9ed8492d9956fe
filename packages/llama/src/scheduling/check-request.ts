import { CogumiError } from '@cogumi/contracts';
import { unknownAdapter } from '../binding/adapters.ts';
import type { Model } from '../binding/model.ts';
import type { GenerateRequest } from '../types/answers.ts';
import { checkPrompt } from './check-prompt.ts';

/** Largest scale of an adapter (chosen: beyond it a model answers nonsense). */
const MAX_SCALE = 4;

/**
 * The tokens of a request that this model can answer.
 *
 * @throws CogumiError ADAPTER_UNKNOWN, ADAPTER_SCALE, MAX_TOKENS, PROMPT_EMPTY, TOKEN_UNKNOWN; ContextTooSmallError.
 */
export function checkRequest({ info, vocabulary }: Model, request: GenerateRequest): readonly number[] {
  const { adapter = null, adapterScale = 1, maxTokens, prompt } = request;
  if (adapter !== null && !info.adapters.includes(adapter)) throw unknownAdapter(adapter, info.adapters);
  if (!(adapterScale >= 0 && adapterScale <= MAX_SCALE)) {
    throw new CogumiError(
      'ADAPTER_SCALE',
      `adapterScale is ${adapterScale}; it has to be from 0 to ${MAX_SCALE}.`,
      'Leave it out to use the adapter as it was trained.',
    );
  }
  const least = request.echo ? 0 : 1;
  if (!(maxTokens >= least)) {
    throw new CogumiError(
      'MAX_TOKENS',
      `maxTokens is ${maxTokens}; it has to be at least ${least}.`,
      'Raise `maxTokens`.',
    );
  }
  const ids = typeof prompt === 'string' ? vocabulary.tokenize(prompt, true, false) : prompt;
  checkPrompt(info, ids, 1);
  return ids;
}
