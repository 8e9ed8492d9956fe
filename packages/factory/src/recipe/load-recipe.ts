import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CogumiError, EXIT, isBuiltIn } from '@cogumi/contracts';
import { countQuestions } from '@cogumi/teachers';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { domainProblems } from './domain-problems.ts';
import { explainIssue, MOST_PROBLEMS } from './explain-issue.ts';
import { applyOverride } from './override.ts';
import { learnsRows, Recipe } from './recipe.ts';
import { isTree, resolvePaths, type Tree, toPlain } from './tree.ts';

/** A recipe is written by hand (largest known: 4 KB); a larger file is something else (chosen). */
const LARGEST_RECIPE_BYTES = 2 ** 20;

/** A recipe that does not fit its schema, with all its problems. */
export class RecipeError extends CogumiError {
  readonly problems: readonly string[];

  constructor(path: string, problems: readonly string[], hint: string) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    const shown = problems.slice(0, MOST_PROBLEMS).map((problem) => `  - ${problem}`);
    if (problems.length > MOST_PROBLEMS) shown.push(`  … and ${problems.length - MOST_PROBLEMS} more`);
    super('RECIPE_INVALID', `${path} has ${count}:\n${shown.join('\n')}`, hint, {
      exitCode: EXIT.usage,
    });
    this.problems = problems;
  }
}

/**
 * Reads, overrides and checks a recipe.
 *
 * @param path - YAML file. Paths inside it are relative to the folder of the file.
 * @param overrides - `a.b.c=value` as for `--set`; the value is YAML, and paths in it are relative to the working folder.
 * @throws RecipeError with all problems; CogumiError RECIPE_NOT_FOUND, OVERRIDE_INVALID.
 */
export async function loadRecipe(path: string, overrides: readonly string[] = []): Promise<Recipe> {
  return checkRecipe(resolvePaths(await readTree(path), dirname(resolve(path))), path, overrides);
}

/**
 * The recipe that `cogumi data` runs on files.
 *
 * @param files - Relative to the working folder.
 * @param overrides - As for `loadRecipe`.
 * @param shared - Values that each of the files gets, such as `maxCharacters`.
 */
export function dataRecipe(
  files: readonly string[],
  overrides: readonly string[] = [],
  shared: { readonly maxCharacters?: number } = {},
): Recipe {
  const sources = files.map((path) => ({ path: resolve(path), ...shared }));
  return checkRecipe({ name: 'data', make: 'data', import: { sources } }, 'the command line', overrides);
}

/** Settings of a recipe that extends a bundle, as a command gives them. */
export type ExtensionSettings = Pick<
  z.input<typeof Recipe>,
  'name' | 'extend' | 'domains' | 'modifiers' | 'questions' | 'route'
>;

/**
 * The recipe that `cogumi domain` runs: an existing bundle with modifiers more or less.
 *
 * @param settings - Paths are relative to the working folder.
 * @param overrides - As for `loadRecipe`.
 */
export function extensionRecipe(settings: ExtensionSettings, overrides: readonly string[] = []): Recipe {
  return checkRecipe(resolvePaths(structuredClone(settings) as Tree, process.cwd()), 'the command line', overrides);
}

function checkRecipe(tree: Tree, path: string, overrides: readonly string[]): Recipe {
  for (const override of overrides) applyOverride(tree, override);

  const parsed = Recipe.safeParse(tree);
  if (!parsed.success) {
    throw new RecipeError(
      path,
      parsed.error.issues.flatMap((issue) => explainIssue(issue, tree)),
      'Every key with its default is in docs/recipe.md; `cogumi plan FILE` checks without building.',
    );
  }
  const contradictions = findContradictions(parsed.data);
  if (contradictions.length > 0) {
    throw new RecipeError(path, contradictions, 'Settings that contradict each other are refused; change one of them.');
  }
  return parsed.data;
}

async function readTree(path: string): Promise<Tree> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) {
    throw new CogumiError(
      'RECIPE_NOT_FOUND',
      info ? `${path} is not a file.` : `There is no recipe file ${path}.`,
      'Try `cogumi plan recipes/nano.yaml`.',
      {
        exitCode: EXIT.usage,
      },
    );
  }
  if (info.size > LARGEST_RECIPE_BYTES) {
    throw new RecipeError(
      path,
      [`it has ${info.size} bytes; a recipe has at most ${LARGEST_RECIPE_BYTES}`],
      'Check that it is the right file.',
    );
  }
  const refuse = (problems: readonly string[], hint = 'Correct the YAML.') => new RecipeError(path, problems, hint);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    throw refuse([
      cause instanceof TypeError ? 'it is not UTF-8 text' : `it cannot be read: ${(cause as Error).message}`,
    ]);
  }
  const value = toPlain(parseDocument(text, { uniqueKeys: true }), refuse);
  if (!isTree(value)) {
    const found = value === null ? 'is empty' : `contains ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}`;
    throw refuse([`a recipe is a mapping of keys to values; this file ${found}`], 'Start from recipes/nano.yaml.');
  }
  return value;
}

function findContradictions(recipe: Recipe): string[] {
  const problems: string[] = [];
  if (recipe.base && recipe.pretrain)
    problems.push('`base` and `pretrain` both name the model to start from; give one of them');
  if (recipe.extend) problems.push(...extensionProblems(recipe));
  if (recipe.failures && (recipe.extend || recipe.make === 'data'))
    problems.push(
      `failures: ${recipe.extend ? 'with `extend`' : 'with `make: data`'} no model answers all held-out questions; leave it out`,
    );
  if (recipe.repair && (recipe.extend || recipe.make !== 'bundle'))
    problems.push(
      `repair: with \`${recipe.extend ? 'extend' : `make: ${recipe.make}`}\` no model is tuned that could be repaired; leave it out`,
    );
  const needsModel = recipe.make !== 'data' && !recipe.extend;
  if (needsModel && !recipe.base && !recipe.pretrain)
    problems.push('neither `base` nor `pretrain` names a model to start from');
  const hasExamples = Object.keys(recipe.domains).length > 0;
  if (needsModel && !hasExamples && countQuestions(recipe.questions.domains) === 0)
    problems.push('questions.domains requests no held-out question; every model is evaluated on them');
  const rows = recipe.import.sources.length + countQuestions(recipe.synthesize.domains);
  if (recipe.make !== 'model' && !recipe.extend && learnsRows(recipe) && !hasExamples && rows === 0)
    problems.push('none of `import.sources`, `synthesize.domains` and `domains` provides a row to train on');
  if (!learnsRows(recipe) && rows > 0)
    problems.push(
      'nothing learns from `import.sources` and `synthesize.domains`, since `train` is null; leave them out',
    );
  for (const [name, modifier] of Object.entries(recipe.modifiers)) {
    if (name === 'base') problems.push('modifiers.base: the name "base" is reserved for answers without a modifier');
    if (modifier.train.adapter === 'dora')
      problems.push(
        `modifiers.${name}.train.adapter is dora, which can only be merged; a modifier is served beside the base: use lora or rslora`,
      );
    if (modifier.adapter && modifier.rounds > 1)
      problems.push(
        `modifiers.${name}: \`adapter\` is taken as it is, and \`rounds\` would train another one; leave one out`,
      );
    if (modifier.consistency && (modifier.adapter || modifier.rounds > 1))
      problems.push(
        `modifiers.${name}: with \`consistency\` the base learns its own answers once; leave out \`adapter\` and \`rounds\``,
      );
    if (modifier.targeted && modifier.rounds === 1)
      problems.push(
        `modifiers.${name}: \`targeted\` concerns further rounds; set \`rounds\` to 2 or more, or leave it out`,
      );
    if (modifier.tierByTier && modifier.rounds < modifier.distill.tiers.length)
      problems.push(
        `modifiers.${name}: with \`tierByTier\` a round asks one of the ${modifier.distill.tiers.length} tiers, so that ${modifier.rounds} of them would be asked; set \`rounds\` to ${modifier.distill.tiers.length}, or give fewer tiers`,
      );
    const first = Object.entries(recipe.modifiers).find(([, other]) => other.domain === modifier.domain)?.[0];
    if (first !== name)
      problems.push(
        `modifiers.${first} and modifiers.${name} are both for ${modifier.domain}; the router allows one modifier per domain`,
      );
    const heldOut = recipe.questions.domains[modifier.domain];
    if (isBuiltIn(modifier.domain) && (!heldOut || heldOut.easy + heldOut.hard === 0)) {
      problems.push(
        `modifiers.${name}: questions.domains has no held-out questions of ${modifier.domain} to evaluate it on`,
      );
    }
  }
  return [...problems, ...domainProblems(recipe)];
}

/** What a bundle already is, and a recipe that extends it cannot make again. */
function extensionProblems(recipe: Recipe): string[] {
  const given = [
    ...(recipe.base ? ['base'] : []),
    ...(recipe.pretrain ? ['pretrain'] : []),
    ...(recipe.trimVocabulary ? ['trimVocabulary'] : []),
    ...(recipe.dropLayers ? ['dropLayers'] : []),
    ...(recipe.draft ? ['draft'] : []),
    ...(recipe.import.sources.length > 0 ? ['import.sources'] : []),
    ...(countQuestions(recipe.synthesize.domains) > 0 ? ['synthesize.domains'] : []),
  ];
  const problems = given.map(
    (key) => `${key}: the base of the bundle that \`extend\` names is taken as it is; leave it out`,
  );
  const changes = Object.keys(recipe.modifiers).length + recipe.extend!.without.length;
  if (changes === 0) problems.push('`extend` adds no modifier and leaves none out: the bundle would stay as it is');
  if (recipe.make !== 'bundle') problems.push(`make is ${recipe.make}; with \`extend\` a bundle is made`);
  return problems;
}
