import { nearest } from '@cogumi/pure';
import type { z } from 'zod';
import { Recipe } from './recipe.ts';
import { isTree, type Tree } from './tree.ts';

/** Problems that a message lists (chosen); the rest is counted. */
export const MOST_PROBLEMS = 40;

/** Keys of a mapping that a problem lists when none is near (chosen). */
const MOST_KEYS = 30;

/** What other trainers call a setting (PEFT, TRL, axolotl, LLaMA-Factory), without signs and in lower case, and the keys here. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  lr: ['learningRate'],
  wd: ['weightDecay'],
  r: ['rank'],
  lorar: ['rank'],
  lorarank: ['rank'],
  loraalpha: ['alpha'],
  loradropout: ['dropout'],
  loratarget: ['targets'],
  targetmodules: ['targets'],
  loratargetmodules: ['targets'],
  numtrainepochs: ['epochs'],
  numepochs: ['epochs'],
  steps: ['maxSteps'],
  optim: ['optimizer'],
  warmup: ['warmupFraction'],
  warmupratio: ['warmupFraction'],
  warmupsteps: ['warmupFraction'],
  batchsize: ['batchTokens'],
  perdevicetrainbatchsize: ['microBatchTokens', 'batchTokens'],
  microbatchsize: ['microBatchTokens'],
  gradientaccumulationsteps: ['batchTokens'],
  maxgradnorm: ['gradientClip'],
  clip: ['gradientClip'],
  maxlength: ['maxRowTokens'],
  maxseqlength: ['maxRowTokens'],
  sequencelen: ['maxRowTokens'],
  cutofflen: ['maxRowTokens'],
  packing: ['batching'],
  samplepacking: ['batching'],
  savesteps: ['checkpointEverySteps'],
  evalsteps: ['validateEverySteps'],
  earlystoppingpatience: ['patience'],
  bf16: ['precision'],
  dtype: ['precision'],
  model: ['base'],
  basemodel: ['base'],
  modelnameorpath: ['base', 'path'],
  data: ['import'],
  dataset: ['import'],
  datasets: ['import', 'sources'],
  license: ['licence'],
  maxnewtokens: ['maxTokens'],
};

/**
 * What is wrong with a recipe, with what was found there; of an unknown key what it may mean: a known synonym, the nearest key,
 * or else all keys of its place.
 */
export function explainIssue(issue: z.core.$ZodIssue, tree: Tree): string[] {
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path.map(String));
    return issue.keys.map((key, number) => {
      if (number >= MOST_PROBLEMS) return key;
      const near = synonymOf(key, known) ?? nearest(key, known);
      const where = at === '' ? `unknown key "${key}"` : `unknown key "${at}.${key}"`;
      if (near !== null) return `${where}; did you mean "${near}"?`;
      return known.length === 0 ? where : `${where}; there are ${known.slice(0, MOST_KEYS).join(', ')}`;
    });
  }
  const got = issue.path.reduce<unknown>(
    (value, key) => (isTree(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined),
    tree,
  );
  const shown =
    got === undefined
      ? 'it is missing'
      : `got ${(typeof got === 'number' ? String(got) : JSON.stringify(got))?.slice(0, 80)}`;
  return [`${at || 'recipe'}: ${issue.message} (${shown})`];
}

function synonymOf(key: string, known: readonly string[]): string | null {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/g, '');
  const meant = Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : undefined;
  return meant?.find((name) => known.includes(name)) ?? null;
}

/** Keys that the schema allows at a path, for suggestions. */
function knownKeys(path: readonly string[]): string[] {
  let schema: unknown = Recipe;
  for (const key of path) schema = step(unwrap(schema), key);
  const inner = unwrap(schema);
  return isShaped(inner) ? Object.keys(inner.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let inner = schema as { def?: { innerType?: unknown } };
  while (inner?.def?.innerType) inner = inner.def.innerType as typeof inner;
  return inner;
}

function step(schema: unknown, key: string): unknown {
  if (isShaped(schema)) return schema.shape[key];
  const { def } = schema as { def?: { valueType?: unknown; element?: unknown } };
  return def?.valueType ?? def?.element;
}

function isShaped(schema: unknown): schema is { shape: Record<string, unknown> } {
  return isTree((schema as { shape?: unknown } | undefined)?.shape);
}
