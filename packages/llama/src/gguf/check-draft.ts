import { CogumiError, EXIT } from '@cogumi/contracts';
import { readGgufHeader, VOCABULARY } from './gguf-header.ts';

/** Rows that one may have more than the other (llama.cpp's bound for draft models; Qwen 2.5's differ by 128). */
const MOST_MORE = 128;

/**
 * Checks that a draft model has the vocabulary of the model that it drafts for: its guesses are token ids. Sizes may differ, since some
 * models of a family have more rows for tokens that do not exist (Qwen 2.5: 151,936 and 152,064).
 *
 * @throws CogumiError DRAFT_VOCABULARY with both values; as `readGgufHeader`.
 */
export async function checkDraft(modelPath: string, draftPath: string): Promise<void> {
  const [model, draft] = [await tokensOf(modelPath), await tokensOf(draftPath)];
  const refuse = (problem: string) =>
    new CogumiError(
      'DRAFT_VOCABULARY',
      `${draftPath} cannot draft for ${modelPath}: ${problem}.`,
      'Take a draft model of the same family, or leave `--draft` out.',
      { exitCode: EXIT.usage },
    );
  if (Math.abs(model.length - draft.length) > MOST_MORE) {
    throw refuse(`its vocabulary has ${draft.length} tokens, that of the model ${model.length}`);
  }
  const other = model.findIndex((text, id) => id < draft.length && text !== draft[id]);
  if (other !== -1) {
    throw refuse(`its token ${other} is ${shown(draft[other]!)}, that of the model ${shown(model[other]!)}`);
  }
}

async function tokensOf(path: string): Promise<readonly string[]> {
  const { metadata } = await readGgufHeader(path, undefined, true);
  const tokens = metadata.get(VOCABULARY);
  return (typeof tokens === 'object' && tokens.texts) || [];
}

/** Texts were read byte by byte. */
function shown(text: string): string {
  return JSON.stringify(Buffer.from(text, 'latin1').toString('utf8'));
}
