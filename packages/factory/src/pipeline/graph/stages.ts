import { basename } from 'node:path';
import { DOMAINS } from '@cogumi/contracts';
import { localPaths, withoutFolders } from '@cogumi/data/import';
import type { Recipe } from '../../recipe/recipe.ts';
import { bundle } from '../../stages/bundle/bundle/stage.ts';
import { validate } from '../../stages/bundle/validate/stage.ts';
import { dequantize } from '../../stages/compression/dequantize/stage.ts';
import { quantize } from '../../stages/compression/quantize/stage.ts';
import { curate } from '../../stages/data/curate/stage.ts';
import { dedup } from '../../stages/data/dedup/stage.ts';
import { filter } from '../../stages/data/filter/stage.ts';
import { importStage } from '../../stages/data/import/stage.ts';
import { mix } from '../../stages/data/mix/stage.ts';
import { synthesize } from '../../stages/data/synthesize/stage.ts';
import { distill } from '../../stages/parts/distill/stage.ts';
import { exportAdapterStage } from '../../stages/parts/export-adapter/stage.ts';
import { route } from '../../stages/parts/route/stage.ts';
import { evaluate } from '../../stages/proof/evaluate/stage.ts';
import { exportStage } from '../../stages/proof/export/stage.ts';
import { questions } from '../../stages/proof/questions/stage.ts';
import type { Stage } from '../../stages/stage.ts';
import { base } from '../../stages/start/base/stage.ts';
import { pretrain } from '../../stages/start/pretrain/stage.ts';
import { merge } from '../../stages/tuning/merge/stage.ts';
import { train } from '../../stages/tuning/train/stage.ts';
import type { Node } from './node.ts';

/** THE ordered list: what a recipe becomes, from the base model to the proven bundle. */
export function stagesOf(recipe: Recipe): Node[] {
  const nodes: Node[] = [];
  const add = <Options>(
    id: string,
    stage: Stage<Options>,
    options: NoInfer<Options>,
    inputs: Record<string, string> = {},
    sources: Record<string, string> = {},
  ) => {
    nodes.push({ id, stage: stage as unknown as Stage<never>, options, inputs, sources });
    return id;
  };

  // What all models are asked, and what modifiers are tried on: first, so that a question too many is found out at once.
  const exam = add('questions', questions, recipe.questions);
  const prompts = new Map(
    Object.entries(recipe.modifiers).map(([name, { domain, seedPrompts }]) => [
      name,
      add(`${name}.prompts`, questions, { domains: { [domain]: seedPrompts }, split: 'train', unseenShare: 0 }),
    ]),
  );

  // Data: what others wrote, what teachers write, in one set.
  const data = () => {
    const read = add('import', importStage, withoutFolders(recipe.import), {}, localPaths(recipe.import));
    const curated = add('curate', curate, recipe.curate, { rows: read });
    const unlike = add('dedup', dedup, recipe.dedup, { rows: curated });
    const { benchmarks } = recipe.filter;
    const imported = add(
      'filter',
      filter,
      { ...recipe.filter, benchmarks: benchmarks.map((file) => ({ ...file, path: basename(file.path) })) },
      { rows: unlike },
      Object.fromEntries(benchmarks.map(({ path }, at) => [String(at), path])),
    );
    const synthesized = add('synthesize', synthesize, recipe.synthesize);
    return { imported, rows: add('mix', mix, recipe.mix, { imported, synthesized, questions: exam }) };
  };
  if (recipe.make === 'data') {
    data();
    return nodes;
  }

  // Where it starts: a model of someone's, or one of our own from nothing.
  const start = recipe.pretrain
    ? add('pretrain', pretrain, recipe.pretrain)
    : add('base', base, { licence: recipe.base!.licence }, {}, { model: recipe.base!.path });
  const startGguf = add('export.base', exportStage, recipe.export, { model: start, questions: exam });
  const startScore = add('evaluate.base', evaluate, measure(recipe), { gguf: startGguf, questions: exam });
  if (recipe.make === 'model') return nodes;
  const { imported, rows } = data();

  // The reference: the base, fine-tuned in full precision.
  const adapter = add('train', train, recipe.train, { model: start, rows });
  const merged = add('merge', merge, recipe.merge, { model: start, adapter, rows });
  const mergedGguf = add('export.reference', exportStage, recipe.export, { model: merged, questions: exam });
  const reference = add(
    'evaluate.reference',
    evaluate,
    measure(recipe, [{ domain: null, ratio: recipe.goals.reference }]),
    { gguf: mergedGguf, questions: exam, against: startScore },
  );

  // What is served: compressed, measured, and turned back into tensors that adapters can learn on.
  const served = add('quantize', quantize, recipe.quantize, { gguf: mergedGguf, questions: exam });
  const servedScore = add(
    'evaluate.quantized',
    evaluate,
    measure(recipe, [{ domain: null, ratio: recipe.goals.quantized }]),
    {
      gguf: served,
      questions: exam,
      against: reference,
    },
  );
  const servedTensors = add('dequantize', dequantize, {}, { gguf: served, model: merged });

  // Modifiers: try the base, let teachers answer what it failed, train, try again.
  const routeInputs: Record<string, string> = {};
  const bundleInputs: Record<string, string> = {};
  for (const [name, modifier] of Object.entries(recipe.modifiers)) {
    const { domain } = modifier;
    const asked = prompts.get(name) as string;
    const passAtOne = add(`${name}.pass-at-1`, evaluate, measure(recipe), { gguf: served, questions: asked });
    const distillation = add(`${name}.distill`, distill, modifier.distill, { passAtOne, questions: asked });
    const learned = add(`${name}.train`, train, modifier.train, { model: servedTensors, rows: distillation });
    const ggufAdapter = add(
      `${name}.export`,
      exportAdapterStage,
      { type: 'f16' },
      { model: servedTensors, adapter: learned },
    );
    const score = add(
      `${name}.evaluate`,
      evaluate,
      { ...measure(recipe, [{ domain, ratio: modifier.goal }]), domains: [domain] },
      {
        gguf: served,
        adapter: ggufAdapter,
        questions: exam,
        against: reference,
      },
    );
    routeInputs[`modifier.${name}`] = asked;
    bundleInputs[`modifier.${name}`] = ggufAdapter;
    bundleInputs[`evaluation.${name}`] = score;
  }

  // One file, proven by loading it.
  const domains = Object.fromEntries(Object.entries(recipe.modifiers).map(([name, { domain }]) => [name, domain]));
  const router = add(
    'route',
    route,
    { ...recipe.route, domains, allDomains: [...DOMAINS] },
    { gguf: served, rows, ...routeInputs },
  );
  const shipped = add(
    'bundle',
    bundle,
    { name: recipe.name, description: recipe.description, domains, licence: recipe.base?.licence ?? 'Apache-2.0' },
    {
      imported,
      rows,
      merged,
      'exported.base': startGguf,
      'exported.reference': mergedGguf,
      gguf: served,
      router,
      'evaluation.base': startScore,
      'evaluation.reference': reference,
      'evaluation.quantized': servedScore,
      ...bundleInputs,
    },
  );
  add('validate', validate, recipe.validate, { bundle: shipped, questions: exam });
  return nodes;
}

function measure(
  recipe: Recipe,
  goals: { domain: null | Recipe['modifiers'][string]['domain']; ratio: number }[] = [],
) {
  return { ...recipe.evaluate, domains: null, goals };
}
