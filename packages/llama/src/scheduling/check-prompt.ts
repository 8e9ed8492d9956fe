import { CogumiError } from '@cogumi/contracts';
import { ContextTooSmallError } from '../errors.ts';
import type { ModelInfo } from '../types/model.ts';

/**
 * Refuses token ids that the model cannot take.
 *
 * @param answerTokens - Tokens that have to fit after the prompt.
 * @throws CogumiError PROMPT_EMPTY, TOKEN_UNKNOWN; ContextTooSmallError.
 */
export function checkPrompt(
  info: Pick<ModelInfo, 'contextTokens' | 'vocabularySize'>,
  ids: readonly number[],
  answerTokens: number,
): void {
  const { contextTokens, vocabularySize } = info;
  if (ids.length === 0) throw new CogumiError('PROMPT_EMPTY', 'The prompt has no tokens.', 'Send some text.');
  if (ids.length + answerTokens > contextTokens) throw new ContextTooSmallError(ids.length, contextTokens);
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize);
  if (wrong !== undefined) {
    throw new CogumiError(
      'TOKEN_UNKNOWN',
      `The prompt has the token id ${wrong}; valid ids are 0 to ${vocabularySize - 1}.`,
      'Tokenize the text with this model.',
    );
  }
}
