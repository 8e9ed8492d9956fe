import { Answer, Question, Row } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import { exampleRow, toRow } from '@cogumi/data/rows';
import {
  createAnswerCheck,
  describeShares,
  expectedAnswers,
  expectedScores,
  isProcedural,
  isWritten,
  runCascade,
  warnOfShortfalls,
} from '@cogumi/teachers';
import type { InputArtifact } from '../../context.ts';
import { judgeGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { writeTrainingSet } from '../../write-training-set.ts';
import { drawEvenly } from './draw-evenly.ts';
import { interleaveKinds } from './interleave-kinds.ts';
import { DistillStageOptions } from './options.ts';

/** Takes the answers of a model, and gives rows that teach it what it got wrong. Cheap teachers come first. */
export const distill = defineStage({
  name: 'distill',
  version: 11,
  inputs: {
    ...{ passAtOne: 'answers', questions: 'questions', 'earlier?': 'rows', 'old.*': 'rows' },
    ...{ 'replay?': 'questions', 'replayed?': 'answers' },
  },
  output: 'rows',
  options: DistillStageOptions,
  cacheInputs: ['teachers'],
  resumable: false,
  gateNames: () => ['rows-to-learn'],
  workload: ({ tiers }, { questions }) => {
    // Of 1,000 tasks the nano recipe's base fails 550 to 660, and a quarter of the others is kept (measured).
    const items = Math.ceil((questions?.items ?? 0) * 0.68);
    const asked = questions?.questions ?? [];
    // Generators' teachers cannot answer examples; what others answer to them is judged.
    const able = asked.some(({ generated }) => !generated) ? tiers.filter((tier) => !isProcedural(tier)) : tiers;
    const scores = able.flatMap(() => asked.flatMap(({ judge, count }) => expectedScores(judge, count)));
    return {
      items,
      unit: 'rows',
      fixedSeconds: 0.5,
      secondsPerItem: 0.001,
      bytes: (questions?.items ?? 0) * 500,
      asks: [...expectedAnswers(able, { easy: items / 2, hard: items / 2 }), ...scores],
    };
  },
  async run({ input, optionalInput, inputsUnder, options, teacherPool, random, output, progress, warn, signal }) {
    const asked = await readAllJsonl(input('questions').path('questions.jsonl'), Question);
    const tried = await readAllJsonl(input('passAtOne').path('answers.jsonl'), Answer);
    const idsOf = (verdict: boolean) =>
      new Set(tried.flatMap(({ correct, question_id }) => (correct === verdict ? [question_id] : [])));
    // What has no verdict is in neither.
    const [passed, wrong] = [idsOf(true), idsOf(false)];
    const failed = asked.filter(({ question_id }) => wrong.has(question_id));
    const kept = random.sample(
      asked.filter(({ question_id }) => passed.has(question_id)),
      Math.round(passed.size * options.keepPassed),
    );
    const earlier = optionalInput('earlier');
    const further = earlier !== null || options.oldShare !== undefined;
    if (further && failed.length === 0) {
      return { gates: [], facts: {}, items: 0, skipped: 'nothing is left to fix: every prompt is answered right' };
    }
    const { judge = null, minScore = 1, oldShare = 0 } = options;
    const replay = await readRight(optionalInput('replay'), optionalInput('replayed'));
    const check = createAnswerCheck(teacherPool, { judge, minScore }, { stage: 'distill', signal });
    const { answered, rejected, tiers, open } = await runCascade(
      [...failed, ...kept, ...replay],
      options.tiers,
      check,
      teacherPool,
      {
        ...{ stage: 'distill', batchable: true, signal },
        onProgress: (done) => progress({ done, total: failed.length + kept.length + replay.length, unit: 'questions' }),
      },
    );
    for (const message of warnOfShortfalls(tiers, rejected)) warn(message);
    // What no teacher could answer an example has an answer to; that of a question that a teacher wrote is no proof.
    const own = open.flatMap((question) =>
      question.example && !isWritten(question) ? [exampleRow(question, question.example)] : [],
    );
    const isReplay = new Set(replay.map(({ question_id }) => question_id));
    const all = [
      ...answered.map(({ question, reply }) => toRow(question, reply.answer as string, reply.reasoning, reply.teacher)),
      ...own,
    ];
    const found = all.filter(({ question_id }) => !isReplay.has(question_id));
    const replayed = all.filter(({ question_id }) => isReplay.has(question_id));
    // A further round learns what the round before learned as well.
    const known = new Set(found.map(({ question_id }) => question_id));
    const before = earlier ? await readAllJsonl(earlier.path('train.jsonl'), Row) : [];
    const learned = [...found, ...before.filter(({ question_id }) => !known.has(question_id))];
    const trained = [...inputsUnder('old').values()].map((rows) => readAllJsonl(rows.path('train.jsonl'), Row));
    const wanted = Math.round((learned.length * oldShare) / (1 - oldShare));
    // What the model was trained on it knows by heart: its loss stays near zero while the kind is lost, so that new rows go first.
    const isNew = new Set<Row>(replayed);
    const old = drawEvenly(
      [...replayed, ...(await Promise.all(trained)).flat()],
      ({ domain, source }) => domain ?? source,
      wanted,
      random,
      (row) => isNew.has(row),
    );
    const shuffled = random.shuffle(
      [...learned, ...old].toSorted((left, right) => (left.question_id < right.question_id ? -1 : 1)),
    );
    // Rows decide when a further round stops: those that are held back have new kinds and old ones in their shares.
    const isOld = new Set<Row>(old);
    const rows = further
      ? interleaveKinds(shuffled, [
          (row) => `${isOld.has(row) ? 'old' : 'new'} ${row.domain ?? row.source}`,
          (row) => `${row.source} ${row.difficulty}`,
        ])
      : shuffled;
    const unanswered = open.length - own.length;
    const { train } = await writeTrainingSet(output, rows, options.validationShare);
    return {
      gates: [
        judgeGate({
          name: 'rows-to-learn',
          criterion: 'The base failed something and a teacher could answer it',
          bound: 'at-least',
          threshold: 1,
          measured: train,
          unit: 'rows',
          evidence: `${failed.length} of ${asked.length} tasks failed by the base, ${unanswered} of them by every teacher; accepted by teacher: ${describeShares(tiers) || 'none was asked'}, by example ${own.length}`,
          advice: 'The base already knows this domain, or no teacher does: drop the modifier or name other teachers.',
        }),
      ],
      facts: {
        asked: asked.length,
        failed: failed.length,
        licences: [...new Set(rows.map(({ licence }) => licence))].sort(),
        kept: kept.length,
        ...(options.oldShare === undefined
          ? {}
          : { old: old.length, replayed: old.filter((row) => isNew.has(row)).length }),
        unanswered,
        byExample: own.length,
        tiers,
      },
    };
  },
});

/** Questions that a model has right; none without answers to them. */
async function readRight(questions: InputArtifact | null, answers: InputArtifact | null): Promise<Question[]> {
  if (!questions || !answers) return [];
  const tried = await readAllJsonl(answers.path('answers.jsonl'), Answer);
  const right = new Set(tried.flatMap(({ correct, question_id }) => (correct ? [question_id] : [])));
  return (await readAllJsonl(questions.path('questions.jsonl'), Question)).filter(({ question_id }) =>
    right.has(question_id),
  );
}
