import { basename } from 'node:path';
import type { Domain } from '@cogumi/contracts';
import { localPaths, withoutFolders } from '@cogumi/data/import';
import { judgePrompt } from '@cogumi/teachers/judging';
import { curate } from '../../../stages/data/curate/stage.ts';
import { dedup } from '../../../stages/data/dedup/stage.ts';
import { documents } from '../../../stages/data/documents/stage.ts';
import type { DomainOptions } from '../../../stages/data/examples/options.ts';
import { examples } from '../../../stages/data/examples/stage.ts';
import { filter } from '../../../stages/data/filter/stage.ts';
import { importStage } from '../../../stages/data/import/stage.ts';
import { mix } from '../../../stages/data/mix/stage.ts';
import type { ScoreOptions } from '../../../stages/data/score/options.ts';
import { score } from '../../../stages/data/score/stage.ts';
import { synthesize } from '../../../stages/data/synthesize/stage.ts';
import type { DocumentsOptions } from '../../../stages/documents-options.ts';
import { passport } from '../../../stages/proof/passport/stage.ts';
import { questions } from '../../../stages/proof/questions/stage.ts';
import type { Graph, Handle } from '../graph.ts';

/** The examples of the recipe's own domains, each set split into held-out and training questions. */
export type Examples = Readonly<Record<`examples.${string}`, Handle<'questions'>>>;

/** The same examples for a stage that keeps questions like them from being trained on. */
export function examplesAgainst(examples: Examples): Readonly<Record<`against.${string}`, Handle<'questions'>>> {
  return Object.fromEntries(
    Object.entries(examples).map(([name, handle]) => [name.replace('examples.', 'against.'), handle]),
  );
}

/** For each domain that the recipe declares its examples. */
export function addExamples(graph: Graph): Examples {
  const add = (domain: Domain, { examples: given, documents: texts, checker, ...rest }: DomainOptions) => {
    const { sources: named } = withoutFolders({ sources: given });
    return graph.add(
      `${domain}.examples`,
      examples,
      { ...rest, domain, examples: named, checker: checker.kind === 'judge' ? { ...checker, labels: null } : checker },
      {
        documents: texts && addDocuments(graph, domain, texts),
        passport: checker.kind === 'judge' ? addPassport(graph, `${domain}.passport`, checker) : undefined,
      },
      localPaths({ sources: given }),
    );
  };
  return Object.fromEntries(
    Object.entries(graph.recipe.domains).map(([domain, options]) => [`examples.${domain}`, add(domain, options)]),
  );
}

/** What a judge is worth beside people; nothing where no labels are named. */
function addPassport(
  graph: Graph,
  id: string,
  { teacher, minScore, labels }: Pick<ScoreOptions, 'teacher' | 'minScore' | 'labels'>,
): Handle<'passport'> | undefined {
  if (labels === null) return undefined;
  const { path, ...options } = labels;
  const prompts = { answers: judgePrompt('answers'), pairs: judgePrompt('pairs') };
  return graph.add(id, passport, { ...options, teacher, minScore, prompts }, {}, { labels: path });
}

/** Rows that a teacher scores well enough; where people labelled some, the teacher is compared with them. */
function addScores(graph: Graph, options: ScoreOptions, rows: Handle<'rows'>): Handle<'rows'> {
  return graph.add(
    'score',
    score,
    { ...options, labels: null },
    { rows, passport: addPassport(graph, 'score.passport', options) },
  );
}

/** What a teacher writes from documents. A path is reduced to its file name, so that the key goes by the content. */
function addDocuments(graph: Graph, domain: Domain, { files, ...options }: DocumentsOptions): Handle<'rows'> {
  return graph.add(
    `${domain}.documents`,
    documents,
    { ...options, domain, files: files.map(({ path }) => ({ path: basename(path) })) },
    {},
    Object.fromEntries(files.map(({ path }, at) => [String(at), path])),
  );
}

/** The held-out questions that every model of the build answers. */
export function addEvaluationSet(graph: Graph, examples: Examples): Handle<'questions'> {
  return graph.add('questions', questions, graph.recipe.questions, examples);
}

/** Rows of others and rows that teachers write, in one training set without a held-out question. */
export function addData(graph: Graph, heldOut: Handle<'questions'>, examples: Examples): Handle<'rows'> {
  graph.chapter = 'data';
  const { recipe } = graph;
  const read = graph.add('import', importStage, withoutFolders(recipe.import), {}, localPaths(recipe.import));
  const curated = graph.add('curate', curate, recipe.curate, { rows: read });
  const distinct = graph.add('dedup', dedup, recipe.dedup, { rows: curated });
  const { benchmarks } = recipe.filter;
  const filtered = graph.add(
    'filter',
    filter,
    { ...recipe.filter, benchmarks: benchmarks.map((file) => ({ ...file, path: basename(file.path) })) },
    { rows: distinct },
    Object.fromEntries(benchmarks.map(({ path }, at) => [String(at), path])),
  );
  const imported = recipe.score === undefined ? filtered : addScores(graph, recipe.score, filtered);
  const synthesized = graph.add('synthesize', synthesize, recipe.synthesize, {});
  return graph.add('mix', mix, recipe.mix, { imported, synthesized, ...examples, questions: heldOut });
}
