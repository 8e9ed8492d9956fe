import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Answer, type FailedAnswer, type FailureClusters, FailureKind, Question } from '@cogumi/contracts';
import { readAllJsonl, writeJsonl } from '@cogumi/data/formats';
import { MOST_MEASURED } from '@cogumi/pure';
import { expectedCritiques } from '@cogumi/teachers';
import type { InputArtifact, StageContext } from '../../context.ts';
import { hostBytes, loadSeconds, modelOf, PROMPT_TOKENS, sharedReadSeconds } from '../../costs.ts';
import { MOST_READERS, openReaders } from '../../prompt-readers.ts';
import { routeAnswers } from '../../route-answers.ts';
import { defineStage } from '../../stage.ts';
import { clusterFailures } from './cluster-failures.ts';
import { type Asked, countBy, countKinds } from './count-strata.ts';
import { critiqueClusters, withCritiques } from './critique-clusters.ts';
import { describeClusters, stratumOf } from './describe-clusters.ts';
import { embedFailures } from './embed-failures.ts';
import { failureKind } from './failure-kind.ts';
import { FailuresStageOptions } from './options.ts';

/** Seconds to choose the number of clusters, for each prompt and feature (measured: 1,000 prompts of 256 and 576 features, one thread). */
const CLUSTER_SECONDS = 5e-6;
/** The same for clustering all prompts once. */
const CLUSTER_ALL_SECONDS = 2e-6;

/** Clusters that a plan expects to be named: the most that silhouettes choose from. */
const EXPECTED_CLUSTERS = 12;

/** Where what is served fails, and what its failures have in common. */
export const failures = defineStage({
  name: 'failures',
  version: 4,
  inputs: { gguf: 'gguf', questions: 'questions', answers: 'answers', 'modifier.*': 'answers' },
  output: 'failures',
  options: FailuresStageOptions,
  cacheInputs: ['llama'],
  readsFailed: true,
  resumable: false,
  workload: ({ critic = null }, { gguf, answers }) => {
    const model = modelOf(gguf);
    // As if every answer were wrong: how many are is what the build finds out.
    const items = answers?.items ?? 0;
    const tried = CLUSTER_SECONDS * 2 * model.hiddenSize * Math.min(items, MOST_MEASURED);
    return {
      ...{ items, unit: 'prompts', fixedSeconds: 1 + MOST_READERS * loadSeconds(model) + tried },
      // The prompt is read alone, and again with its answer.
      secondsPerItem:
        CLUSTER_ALL_SECONDS * 2 * model.hiddenSize + 2 * PROMPT_TOKENS * sharedReadSeconds(model, MOST_READERS),
      bytes: 20_000 + 250 * items,
      asks: expectedCritiques(critic, items, EXPECTED_CLUSTERS),
      memory: { models: MOST_READERS * hostBytes(model, 1) },
    };
  },
  async run(context) {
    const { options, output } = context;
    const asked = await readAsked(context);
    const failed = asked.filter(({ kind }) => kind !== null);
    const clustered = [...asked.keys()].filter((at) => {
      const { kind } = asked[at]!;
      return kind !== null && options.kinds.includes(kind);
    });
    const found = clustered.length > 0 ? await cluster(context, asked, clustered) : null;

    const critiqued =
      found && options.critic !== undefined
        ? await critiqueClusters({
            failures: clustered.map((at) => asked[at]!),
            ...{ members: found.members, critic: options.critic, teacherPool: context.teacherPool },
            signal: context.signal,
            onProgress: (done) => context.progress({ done, total: clustered.length, unit: 'critiques' }),
          })
        : null;
    const unsaid = critiqued?.critiques.filter((critique) => critique === null).length ?? 0;
    if (unsaid > 0) context.warn(`${options.critic} said nothing of ${unsaid} of ${clustered.length} failures.`);

    const placeOf = new Map(clustered.map((at, place) => [at, place]));
    const lines = asked.flatMap(({ question, kind }, at): FailedAnswer[] => {
      if (kind === null) return [];
      const { question_id, domain, difficulty, task } = question;
      const place = placeOf.get(at);
      const own =
        found && place !== undefined
          ? { cluster: found.labels[place]!, point: [...found.map[place]!] as [number, number] }
          : { cluster: null, point: null };
      const critique = critiqued && place !== undefined ? { critique: critiqued.critiques[place] ?? null } : {};
      return [{ question_id, domain, difficulty, task, kind, ...own, ...critique }];
    });
    await writeJsonl(join(output, 'failures.jsonl'), lines);

    const described = found ? describeClusters({ asked, failures: clustered, members: found.members, ...options }) : [];
    const critiqueOf = new Map(lines.map(({ question_id, critique = null }) => [question_id, critique]));
    const summary: FailureClusters = {
      schema: 1,
      asked: asked.length,
      failed: failed.length,
      kinds: countKinds(asked, FailureKind.options),
      clustered: options.kinds,
      strata: strataOf(asked),
      silhouette: found?.silhouette ?? null,
      exact: found?.exact ?? true,
      tried: [...(found?.tried ?? [])],
      explained: found?.explained ?? 0,
      clusters: critiqued ? withCritiques(described, critiqued, (id) => critiqueOf.get(id) ?? null) : described,
    };
    await writeFile(join(output, 'clusters.json'), `${JSON.stringify(summary, null, 1)}\n`);
    const { asked: questions, failed: wrong, kinds, silhouette } = summary;
    const sizes = summary.clusters.map(({ label, size }) => ({ label, size }));
    return {
      gates: [],
      facts: { asked: questions, failed: wrong, kinds, silhouette, clusters: sizes },
      items: clustered.length,
    };
  },
});

type Context = StageContext<FailuresStageOptions>;

/** Each question with the answer of what is served: of the modifier of its domain, or of the base. */
async function readAsked({ options, input, inputsUnder }: Context): Promise<Asked[]> {
  const read = (artifact: InputArtifact) => readAllJsonl(artifact.path('answers.jsonl'), Answer);
  const modifiers = new Map<string, Answer[]>();
  for (const [name, artifact] of inputsUnder('modifier')) modifiers.set(name, await read(artifact));
  const routed = routeAnswers(await read(input('answers')), modifiers, options.domains);
  const questions = await readAllJsonl(input('questions').path('questions.jsonl'), Question);
  const byId = new Map(questions.map((question) => [question.question_id, question]));
  return routed.map(({ answer }): Asked => {
    const question = byId.get(answer.question_id);
    if (!question) throw new RangeError(`no question is called ${answer.question_id}, which was answered`);
    return { question, answer, kind: answer.correct === false ? failureKind(answer) : null };
  });
}

async function cluster(context: Context, asked: readonly Asked[], clustered: readonly number[]) {
  const { options, random } = context;
  const hosts = await openReaders(context, context.input('gguf').path('model.gguf'));
  const failed = clustered.map((at) => asked[at]!);
  const embedded = await embedFailures(hosts, failed, (done) =>
    context.progress({ done, total: failed.length, unit: 'prompts' }),
  );
  const domains = failed.map(({ question }) => question.domain);
  return clusterFailures(embedded, domains, options.clusters, random);
}

function strataOf(asked: readonly Asked[]): FailureClusters['strata'] {
  return [...countBy(asked, stratumOf)].map(([name, count]) => {
    const own = asked.filter(({ question }) => stratumOf(question) === name);
    const { domain, difficulty } = own[0]!.question;
    return { domain, difficulty, ...count, kinds: countKinds(own, FailureKind.options) };
  });
}
