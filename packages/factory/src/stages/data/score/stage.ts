import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Gate, JudgePassport, type Row } from '@cogumi/contracts';
import { readJsonl, withWriters, writeJsonl } from '@cogumi/data/formats';
import { expectedScores } from '@cogumi/teachers';
import { describePassport, lowestOf } from '@cogumi/teachers/judging';
import { z } from 'zod';
import type { InputArtifact } from '../../context.ts';
import { judgeGate, shareGate } from '../../judge-gate.ts';
import { defineStage } from '../../stage.ts';
import { ScoreOptions } from './options.ts';
import { ReviewSample } from './review-sample.ts';
import { scoreRows } from './score-rows.ts';

/** Rows in memory at once, with their prompts (chosen: some 20 MB), and in a batch that a provider takes. */
const CHUNK = 5000;
/** Least share of rows with scores (chosen: as for answers that are compared). */
const LEAST_SCORED = 0.9;

/** Rows of the stage before, which has checked them. */
const CheckedRow = z.custom<Row>();

/** Filtered rows in, those out that a teacher scores well enough; each rejected row is listed with its scores. */
export const score = defineStage({
  name: 'score',
  version: 1,
  inputs: { rows: 'rows', 'passport?': 'passport' },
  output: 'rows',
  options: ScoreOptions,
  cacheInputs: [],
  resumable: false,
  gateNames: () => ['scored', 'agrees-with-people'],
  workload: ({ teacher }, { rows }) => ({
    items: rows?.items ?? 0,
    unit: 'rows',
    fixedSeconds: 0.1,
    // Reading, writing and a request in a batch (measured: benchmarks/teachers).
    secondsPerItem: 0.0005,
    bytes: (rows?.items ?? 0) * 900,
    asks: expectedScores(teacher, rows?.items ?? 0),
  }),
  async run({ options, input, optionalInput, output, teacherPool, random, progress, signal, warn }) {
    const { teacher, minScore, review } = options;
    const rows = input('rows');
    const total = Number(rows.manifest.facts.rows);
    const sample = new ReviewSample(review, random.fork('review'));
    const histogram = Array(10).fill(0) as number[];
    const counts = { read: 0, kept: 0, unscored: 0 };
    const bySource = new Map<string, { read: number; kept: number }>();
    const names = ['rows', 'rejected', 'scores'] as const;
    const paths = Object.fromEntries(names.map((name) => [name, join(output, `${name}.jsonl`)]));
    await withWriters(paths as Record<(typeof names)[number], string>, async (writers) => {
      const take = async (chunk: readonly Row[]) => {
        const asked = { teacher, minScore, signal };
        const before = counts.read;
        const onProgress = (done: number) => progress({ done: before + done, total, unit: 'rows' });
        for (const scored of await scoreRows(teacherPool, chunk, { ...asked, onProgress })) {
          const { row, scores, reason } = scored;
          const { question_id, source, hash } = row;
          counts.read++;
          const own = bySource.get(source) ?? { read: 0, kept: 0 };
          bySource.set(source, { read: own.read + 1, kept: own.kept + Number(reason === null) });
          if (scores === null) counts.unscored++;
          else histogram[lowestOf(scores) - 1]!++;
          sample.offer(scored);
          await writers.scores.write({ question_id, hash, ...(scores ?? {}), kept: reason === null });
          if (reason === null) {
            counts.kept++;
            await writers.rows.write(row);
          } else await writers.rejected.write({ question_id, source, hash, ...(scores ?? {}), reason });
        }
      };
      let chunk: Row[] = [];
      for await (const row of readJsonl(rows.path('rows.jsonl'), CheckedRow)) {
        chunk.push(row);
        if (chunk.length < CHUNK) continue;
        await take(chunk);
        chunk = [];
      }
      if (chunk.length > 0) await take(chunk);
    });
    await writeJsonl(join(output, 'review.jsonl'), sample.lines());
    const passport = await readPassport(optionalInput('passport'));
    if (passport === null)
      warn(
        `${teacher} scored ${counts.read} rows, and nobody compared it with people: label review.jsonl and name it in \`score.labels\`.`,
      );
    return {
      gates: [scoredGate(counts), agreementGate(teacher, passport)],
      facts: {
        ...{ rows: counts.kept, rejected: counts.read - counts.kept, unscored: counts.unscored, histogram },
        bySource: Object.fromEntries(bySource),
        passport: passport && { verdict: passport.verdict, agreement: passport.agreement, kappa: passport.kappa },
      },
      items: counts.read,
    };
  },
});

async function readPassport(artifact: InputArtifact | null): Promise<JudgePassport | null> {
  return artifact && JudgePassport.parse(JSON.parse(await readFile(artifact.path('passport.json'), 'utf8')));
}

function scoredGate({ read, unscored }: { readonly read: number; readonly unscored: number }): Gate {
  return shareGate(
    {
      name: 'scored',
      criterion: 'The teacher gave rows scores that can be read',
      ...{ threshold: LEAST_SCORED, unit: 'share', guard: true },
      evidence: `scores.jsonl: ${read - unscored} of ${read} rows; rows without scores are rejected`,
      advice: 'Name another `score.teacher`: this one refuses, or does not reply with JSON.',
    },
    read - unscored,
    read,
  );
}

/** Passes where the teacher holds a passport, fails where it is refused one; labels that cannot tell stop no build. */
function agreementGate(teacher: string, passport: JudgePassport | null): Gate {
  const people = passport?.requirements.find(({ name }) => name === 'people');
  const gate = judgeGate({
    name: 'agrees-with-people',
    criterion: people?.criterion ?? 'The teacher that scores agrees with people',
    ...{ bound: 'at-least', threshold: people?.threshold ?? 0, unit: '', guard: true },
    ...{ measured: people?.measured ?? 0, interval: people?.interval ?? null, items: people?.items ?? 0 },
    nothing: passport === null ? 'nobody labelled rows: review.jsonl is a sample for a person to label' : undefined,
    evidence: passport ? `${describePassport(passport)}; ${people?.evidence}` : `${teacher}, without labels`,
    advice: 'Label more rows of review.jsonl, or name another `score.teacher`.',
  });
  if (passport === null) return gate;
  const verdicts = { valid: 'pass', refused: 'fail', undecided: 'inconclusive' } as const;
  return { ...gate, verdict: verdicts[passport.verdict] };
}
