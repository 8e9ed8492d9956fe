import { CogumiError } from '@cogumi/contracts';
import type { ModelHost } from '@cogumi/llama';
import { ROUTING_TOKENS } from '@cogumi/pure';
import type { MessageReading, Router } from './create-router.ts';

interface ReadMessageOptions {
  readonly cacheSalt?: string | undefined;
  /** Tokens of the prompt that will be answered; where the message is all of it, an answer of the base reads it no second time. */
  readonly answered?: readonly number[];
}

/**
 * Lets the base read the tokens of a message as the router learned to: up to its layer, or, for an older router, to the end, with the
 * perplexity.
 */
export async function readMessage(
  host: ModelHost,
  { layer }: Pick<Router, 'layer'>,
  tokens: readonly number[],
  { cacheSalt, answered }: ReadMessageOptions = {},
): Promise<MessageReading> {
  const read = tokens.slice(0, ROUTING_TOKENS);
  if (layer !== null) {
    const answers = answered?.length === read.length && read.every((token, at) => answered[at] === token);
    return { perplexity: null, hidden: await host.probe(read, { cacheSalt, answers }) };
  }
  const [inspection] = await host.inspect([read], cacheSalt);
  if (!inspection) {
    throw new CogumiError('MODEL_FAILED', 'The model returned no inspection of a prompt.', 'This is a bug in Cogumi.');
  }
  return { perplexity: inspection.perplexity, hidden: inspection.mean };
}
