import { CogumiError, type RouterWeights } from '@cogumi/contracts';
import { continuesConversation, decideRoute } from '@cogumi/pure';
import type { Model } from '../binding/model.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import type { ProbeOptions } from '../types/answers.ts';

/** Reads prompts for a router, in the process of the model. */
export interface LayerRouter {
  probe(scheduler: Scheduler, tokens: readonly number[], options: ProbeOptions): Float32Array;
}

/**
 * Reads prompts up to the layer of a router, and to their end where the router gives them to the base. A pass over two tokens tests that
 * the layer can be read.
 *
 * @returns null for a router that reads the last hidden state, which `inspect` measures.
 * @throws CogumiError ROUTER_SHAPE, LAYER_UNREADABLE.
 */
export function layerRouter(model: Model, weights: RouterWeights): LayerRouter | null {
  const { layer } = weights;
  if (layer === undefined) return null;
  const { layers } = model.info;
  if (layer > layers - 2) {
    throw new CogumiError(
      'ROUTER_SHAPE',
      `The router reads layer ${layer}; the base has ${layers} layers, of which it can read 0 to ${layers - 2}.`,
      'Train the router again on this base.',
    );
  }
  const sequence = model.spareSequence;
  model.clearSequence(sequence);
  model.readLayers?.(
    [0, 1].map((position) => ({ token: 0, position, sequence, output: false })),
    [layer],
    () => false,
  );
  model.clearSequence(sequence);
  const answersItself = (features: Float32Array) =>
    decideRoute(weights, { features, perplexity: null }).at === 0 && !continuesConversation(weights, features);
  return {
    probe(scheduler, tokens, { cacheSalt, answers }) {
      const goesOn = ([mean]: readonly Float32Array[]) => answers && answersItself(mean as Float32Array);
      return scheduler.layerMeans(tokens, [layer], { cacheSalt, goesOn })[0] as Float32Array;
    },
  };
}
