import { CogumiError } from '@cogumi/contracts';
import { readModelHeader } from '../gguf/model-header.ts';
import type { Threads } from '../types/decisions.ts';
import type { ModelInfo, OpenModelOptions } from '../types/model.ts';
import { AdapterMixer, type MixedEntry } from './adapter-mixer.ts';
import { Adapters } from './adapters.ts';
import { attachPools } from './attach-pools.ts';
import { BATCH_TOKENS, ModelContext, outputsOf, stateOf } from './context.ts';
import { type Grammar, NativeCandidates, openGrammar } from './grammar.ts';
import { LayerReader, type ReadLayer } from './layer-reader.ts';
import { loadLibrary } from './library.ts';
import { type Entry, FloatRows, NativeBatch } from './native-batch.ts';
import { NodeVisitor } from './node-visitor.ts';
import { openVocabulary, type Vocabulary } from './vocabulary.ts';

export { BATCH_TOKENS, OUTPUT_TOKENS } from './context.ts';

/** Adapters that are loaded with the model where only some fit, so that mixing can be measured with them. */
export const MEASURED_ADAPTERS = 3;

/** What `loadModel` needs; see `OpenModelOptions`. */
export type LoadOptions = Omit<
  OpenModelOptions,
  'signal' | 'threads' | 'mixing' | 'speculate' | 'draftPath' | 'draftTokens' | 'fit' | 'router'
> & {
  readonly threads: number;
  readonly sequences: number;
  /** The caches begin with so many tokens of each sequence, and grow; default: they have all from the beginning. */
  readonly firstTokens?: number;
  /** True: `mixing` is there. It makes passes slower in which the callback for nodes is asked, so only for who needs it. */
  readonly mixing: boolean;
  /** True: `readLayers` is there, at the same price. */
  readonly layers?: boolean;
};

/** Passes whose tokens have different adapters. */
export interface Mixing {
  /** Bytes that mixing takes besides the adapters themselves. */
  readonly bytes: number;
  /** Frees the stacked adapters; the next mixed pass stacks those that it needs. */
  release(): void;
  /** Adapters that have to be learnt before a pass with them. */
  unknown(names: readonly string[]): string[];
  /** Learns what an adapter changes. @param sequence - It is cleared. @throws CogumiError MIXED_ADAPTERS when it cannot be mixed. */
  learn(name: string, sequence: number): void;
  /**
   * Runs one pass, as `decode`. Its sequences have to be side by side, with equally many tokens each, in order.
   *
   * @throws CogumiError MIXED_ADAPTERS; what the pass put into the cache is then worthless.
   */
  decode(entries: readonly MixedEntry[]): void;
}

/** A loaded model with one context: a thin layer over the C API. */
export interface Model {
  readonly info: Omit<ModelInfo, 'mixing' | 'speculation' | 'unmeasured'>;
  readonly vocabulary: Vocabulary;
  readonly adapters: Adapters;
  /** What an answer may be, as GBNF. `free` it. @throws CogumiError GRAMMAR. */
  openGrammar(text: string): Grammar;
  /**
   * Sets the adapter of the next passes; null: the base without an adapter. It has to be loaded. A sequence must keep its first adapter.
   *
   * @param scale - Default 1: as it was trained.
   */
  useAdapter(name: string | null, scale?: number): void;
  /** Times that the adapters of the context have changed. */
  readonly adapterSwitches: number;
  /** Null: all tokens of a pass have the same adapter. */
  readonly mixing: Mixing | null;
  /** Threads of passes over one token, and over several. */
  setThreads(threads: Threads): void;
  /** Removes a sequence from the KV cache. */
  clearSequence(sequence: number): void;
  /** Keeps only the first tokens of a sequence. @returns False where the model's cache cannot do that; it is then unchanged. */
  truncateSequence(sequence: number, tokens: number): boolean;
  /** Makes caches that began small (`firstTokens`) as large as they may become; otherwise nothing. */
  grow(): void;
  /** Size of what `saveSequence` copies. */
  sequenceBytes(sequence: number): number;
  /** A copy of what the cache holds of a sequence. */
  saveSequence(sequence: number): Uint8Array;
  /** Gives an empty sequence what another one held. @returns False where that failed; the sequence is then empty. */
  restoreSequence(sequence: number, state: Uint8Array): boolean;
  /** Resets the whole KV cache, so that the next passes give the same bits as in a new process. */
  clearAll(): void;
  /** Number of a sequence besides those that requests use; the scheduler inspects prompts in it at first. */
  readonly spareSequence: number;
  /** Runs one pass. Read the results with `logits` and `hidden`, by the index in `entries`. */
  decode(entries: readonly Entry[], hidden: boolean): void;
  /**
   * Runs one pass over tokens of one sequence, without logits, and reads outputs of layers; null: it was not asked for.
   *
   * @returns False: `read` ended the pass, and the sequence has to be cleared.
   * @throws as `LayerReader.pass`.
   */
  readonly readLayers: ((entries: readonly Entry[], layers: readonly number[], read: ReadLayer) => boolean) | null;
  /** Shape [vocabulary]. A view into llama.cpp's memory, valid until the next pass. */
  logits(index: number): Float32Array;
  /** Shape [hidden]. A view, valid until the next pass. */
  hidden(index: number): Float32Array;
  /** Frees weights and caches; nothing may be called afterwards. */
  close(): void;
}

/** Loads a model and a context, and checks its adapters. @throws CogumiError GGUF_INVALID, MODEL_LOAD, CONTEXT_TOO_LARGE; as `Adapters.add` and `load`. */
export async function loadModel(options: LoadOptions): Promise<Model> {
  const header = await readModelHeader(options.modelPath);
  const llama = loadLibrary();
  const model = llama.loadModel(options.modelPath, {
    ...llama.modelDefaults(),
    n_gpu_layers: 0,
    // NaN weights would make the model answer token 0 for ever. The check takes about as long as reading the file.
    check_tensors: true,
  });
  if (!model) {
    throw new CogumiError(
      'MODEL_LOAD',
      `llama.cpp cannot load ${options.modelPath}: ${llama.takeErrors()}.`,
      'Export the model again.',
    );
  }
  const template = header.metadata.get('tokenizer.chat_template');
  const hiddenSize = llama.hiddenSize(model) as number;
  const vocabulary = openVocabulary(llama, model);
  const visitor = options.mixing || options.layers ? new NodeVisitor() : null;
  const reader = options.layers && visitor ? new LayerReader(llama.tensors, visitor, hiddenSize) : null;
  const most = options.adapterMemory ?? Number.POSITIVE_INFINITY;
  const mixer = options.mixing && visitor ? new AdapterMixer(llama.tensors, visitor, BATCH_TOKENS, most) : null;
  const context = new ModelContext(llama, model, options, visitor?.callback ?? null);
  const pools = attachPools(llama, () => context.pointer, options.threads);
  const batch = new NativeBatch(llama, BATCH_TOKENS);
  const [logitRows, hiddenRows] = [new FloatRows(vocabulary.size), new FloatRows(hiddenSize)];
  const candidates = new NativeCandidates(vocabulary.size);
  let current: { readonly names: readonly string[]; readonly scale: number } = { names: [], scale: 1 };
  let adapterSwitches = 0;
  const setAdapters = (names: readonly string[], scale: number) => {
    const same = names.length === current.names.length && names.every((name, at) => name === current.names[at]);
    if (same && (names.length === 0 || scale === current.scale)) return;
    current = { names, scale };
    giveAdapters();
    adapterSwitches++;
  };
  const giveAdapters = () => {
    const { names, scale } = current;
    const pointers = names.map((name) => adapters.pointer(name));
    const scales = new Float32Array(names.length).fill(scale);
    llama.setAdapters(context.pointer, names.length === 0 ? null : pointers, names.length, scales);
  };
  const grow = () => {
    if (context.holds(context.tokens)) return;
    context.grow();
    pools.set(pools.threads);
    giveAdapters();
  };
  const adapters = new Adapters({ llama, model, base: header }, most, (name) => {
    llama.synchronize(context.pointer);
    if (current.names.includes(name)) setAdapters([], 1);
    mixer?.forget(name);
  });
  for (const [name, path] of Object.entries(options.adapters ?? {})) await adapters.add(name, path);
  const names = adapters.names.slice(0, options.mixing ? MEASURED_ADAPTERS : 0);
  for (const name of options.adapterMemory === undefined ? adapters.names : names) {
    if (adapters.fits(name)) await adapters.load(name);
  }
  const clearSequence = (sequence: number) => llama.removeSequence(context.memory, sequence, -1, -1);
  const mostOutputs = outputsOf(options);
  const decode = (entries: readonly Entry[], hidden: boolean) => {
    // llama.cpp would end the process.
    const outputs = entries.length > mostOutputs ? entries.filter(({ output }) => output).length : 0;
    if (outputs > mostOutputs) throw new RangeError(`${outputs} outputs in a pass; at most ${mostOutputs}`);
    if (entries.some(({ position }) => !context.holds(position + 1))) grow();
    llama.setEmbeddings(context.pointer, hidden);
    const result = llama.decode(context.pointer, batch.filled(entries)) as number;
    if (result === 0) return;
    throw new CogumiError(
      'DECODE',
      `llama_decode of ${entries.length} tokens failed with ${result}: ${llama.takeErrors()}.`,
      'Open the model with more `contextTokens`.',
    );
  };
  const mixing: Mixing | null = mixer && {
    get bytes() {
      return mixer.bytes;
    },
    release: () => mixer.release(),
    unknown: (names) => mixer.unknown(names),
    learn(name, sequence) {
      clearSequence(sequence);
      setAdapters([name], 1);
      mixer.learn(name, () => decode([{ token: 0, position: 0, sequence, output: true }], false));
      clearSequence(sequence);
    },
    decode(entries) {
      const names = [...new Set(entries.flatMap(({ adapter }) => adapter ?? []))];
      const carriers = mixer.carriers(names);
      setAdapters(carriers.names, carriers.scale);
      mixer.pass(entries, () => decode(entries, false));
    },
  };

  return {
    get info() {
      return {
        architecture: String(header.metadata.get('general.architecture')),
        vocabularySize: vocabulary.size,
        hiddenSize,
        layers: llama.layers(model) as number,
        contextTokens: context.tokens,
        trainContextTokens: llama.trainContext(model) as number,
        parameters: Number(llama.parameters(model)),
        chatTemplate: typeof template === 'string' ? template : null,
        bosText: vocabulary.bosText,
        eosText: vocabulary.eosText,
        addsBos: vocabulary.addsBos,
        controlTexts: vocabulary.controlTexts,
        endIds: vocabulary.endIds,
        adapters: adapters.names,
        threads: pools.threads,
      };
    },
    vocabulary,
    adapters,
    openGrammar: (text) => openGrammar(llama, llama.vocabulary(model), vocabulary, candidates, text),
    useAdapter: (name, scale = 1) => setAdapters(name === null ? [] : [name], scale),
    get adapterSwitches() {
      return adapterSwitches;
    },
    mixing,
    setThreads: (threads) => pools.set(threads),
    spareSequence: options.sequences,
    clearSequence,
    truncateSequence: (sequence, tokens) => llama.removeSequence(context.memory, sequence, tokens, -1) as boolean,
    grow,
    sequenceBytes: (sequence) => Number(llama.sequenceBytes(context.pointer, sequence)),
    saveSequence: (sequence) => stateOf(llama, context.pointer, sequence),
    restoreSequence(sequence, state) {
      if (Number(llama.restoreSequence(context.pointer, state, state.length, sequence)) === state.length) return true;
      clearSequence(sequence);
      return false;
    },
    clearAll: () => llama.clearMemory(context.memory, true),
    decode,
    readLayers: reader && ((entries, layers, read) => reader.pass(entries, layers, read, () => decode(entries, false))),
    logits: (index) => logitRows.at(llama.logitsOf(context.pointer, index)),
    hidden: (index) => hiddenRows.at(llama.hiddenOf(context.pointer, index)),
    close: () => {
      llama.freeContext(context.pointer);
      llama.freeModel(model);
    },
  };
}
