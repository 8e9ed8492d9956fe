import type { Answer, Gate } from '@cogumi/contracts';
import type { Evaluation } from '../read-evaluations.ts';
import type { ReportData, ReportStage } from '../read-run.ts';

/** A run with something in every section. @param word - Stands wherever a name or an answer can be long. */
export function wholeRun(word = 'code'): ReportData {
  const answer = (question_id: string, correct: boolean): Answer => ({
    ...{ question_id, domain: 'coding', unseen: false, answer: `${word} ${word}`, tokens: 9, finish: 'length' },
    ...{ correct, reason: correct ? '' : `${word} is not defined` },
  });
  const score = {
    ...{ questions: 2, correct: 1, accuracy: 0.5, interval: [0.1, 0.9] as [number, number] },
    ...{ inProse: 1, failures: { cut: 1 } },
  };
  const evaluation = (name: string, ...comparedTo: string[]): Evaluation => ({
    ...{ id: `evaluate.${name}`, name, comparedTo, withAdapter: name === word, maxTokens: 48 },
    scores: { all: score, byDomain: { coding: { all: score, unseen: score } }, unmeasured: 1 },
    answers: [answer('q1', true), answer('q2', false)],
    questions: new Map([['q1', `${word}?`]]),
  });
  const gate = (name: string, verdict: Gate['verdict']): Gate => ({
    ...{ name, criterion: `Not fewer right answers (${word})`, bound: 'at-least', threshold: 1, measured: 0.98 },
    ...{ interval: [0.9, 1.07], unit: 'share of positions', evidence: `${word}.jsonl`, verdict, guard: true },
    advice: `More rows of ${word}`,
  });
  const stage = (id: string, chapter: string, ...inputs: string[]): ReportStage => ({
    ...{ id, chapter, inputs, outcome: 'done', message: '', seconds: 61, bytes: 1e7, manifest: null },
  });
  const routes = ['base', 'code', 'reasoning', 'automation', word];
  const confusion = {
    ...{ right: 4000, prompts: 5000, accuracy: 0.8 },
    matrix: routes.map((_, row) => routes.map((__, column) => (row === column ? 800 : column === 0 ? 200 : 0))),
  };
  const curve = (kind: string) => Array.from({ length: 40 }, (_, step) => ({ step, kind, loss: 3 / (step + 1) }));
  return {
    ...{ run: `20260102-030405-${word}`, name: word, recipe: { name: word, note: word.repeat(4) }, outcome: 'done' },
    ...{ digest: `sha256:${'0123456789abcdef'.repeat(4)}`, seconds: 400, peakMemoryBytes: 2e9, startedAt: 1e12 },
    stages: [
      ...[stage('questions', 'questions'), stage('base', 'start'), stage(`${word}.train`, 'modifiers', 'base')],
      ...[
        stage(`${word}.export`, 'modifiers', `${word}.train`, 'base'),
        stage('bundle', 'bundle', 'base', 'questions'),
      ],
    ],
    gates: (['pass', 'fail', 'inconclusive', 'skipped'] as const).map((verdict) => ({
      ...{ stage: `${word}.evaluate`, gate: gate(`no-fall-${verdict}`, verdict), overridden: verdict === 'fail' },
      candidate: null,
    })),
    warnings: [{ stage: word, message: `beware of ${word}` }],
    vocabularies: [
      {
        ...{ stage: `${word}.trim`, kept: 30_000, whole: 49_152, curve: coverageCurve(word) },
        trials: [{ size: 30_000, coverage: 0.98, bitsPerByte: 1.013 }],
        cost: { trimmed: 1.013, written: 1.005 },
      },
    ],
    losses: [{ stage: `${word}.train`, train: curve('train'), validation: curve('validation') }],
    domains: (['up', 'down', 'unclear'] as const).map((change) => ({
      ...{ domain: 'instruction_following', route: word, questions: 200, right: 120, startRight: 110, change },
    })),
    headlines: (['base', 'reference'] as const).map((against) => ({
      ...{ against, questions: 600, right: 360, theirs: 330, inProse: 10, theirsInProse: 120, ratio: 360 / 330 },
      interval: [0.97, 1.22] as [number, number],
    })),
    evaluations: [
      evaluation('base'),
      evaluation('tuned', 'evaluate.base'),
      evaluation(word, 'evaluate.base', 'evaluate.tuned'),
    ],
    failures: {
      stage: 'failures',
      failures: Array.from({ length: 60 }, (_, at) => ({
        ...{
          question_id: `${word}_${at}`,
          domain: 'coding',
          difficulty: 'easy',
          task: `coding/${word}`,
          kind: 'wrong',
        },
        ...{ cluster: at % 2, point: [Math.sin(at) + 3 * (at % 2), Math.cos(at)] as [number, number] },
      })),
      summary: {
        ...{ schema: 1, asked: 200, failed: 64, kinds: { wrong: 60, cut: 4 }, clustered: ['wrong'], strata: [] },
        ...{ silhouette: 0.31, exact: true, explained: 0.4, tried: [{ clusters: 2, silhouette: 0.31 }] },
        clusters: [0, 1].map((cluster) => ({
          ...{ cluster, size: 30, label: `${word}, ${word}`, words: [{ word, questions: 20, z: 4 }] },
          strata: [{ domain: 'coding', difficulty: 'easy', failures: 30, asked: 100, failed: 64 }],
          tasks: [{ task: `coding/${word}`, failures: 30, asked: 100, failed: 64 }],
          examples: [{ question_id: word, question: word.repeat(20), answer: word, reason: `${word} is not defined` }],
        })),
      },
    },
    repairs: [
      {
        ...{ stage: `${word}.retest`, against: [`${word}.retest/weak-improved is inconclusive`] },
        strength: {
          ...{ schema: 1, strength: 0.7 },
          tried: [1, 0.7].map((strength) => ({
            strength,
            domains: [
              { domain: word, questions: 100, before: 90, lost: 10 * strength, gained: 2, falls: strength === 1 },
            ],
          })),
        },
        clusters: (['up', 'down', 'unclear'] as const).map((change, cluster) => ({
          ...{ cluster, label: `${word}, ${word}`, failures: 30, tasks: [word, word, word, word], questions: 50 },
          ...{ before: 10, after: 30, change },
          examples: [
            {
              ...{ question_id: word, question: `${word}?`, before: { answer: word, correct: false } },
              after: { answer: `${word} ${word}`, correct: true },
            },
          ],
        })),
      },
    ],
    judges: [
      {
        stage: `${word}.passport`,
        passport: {
          ...{ schema: 1, teacher: `openai:${word}`, form: 'answers', minScore: 7, items: 60, verdict: 'undecided' },
          ...{ prompt: '0'.repeat(64), labels: '0'.repeat(64), agreement: 0.85, kappa: 0.7 },
          requirements: (['pass', 'inconclusive', 'fail'] as const).map((verdict) => ({
            ...{ name: 'readable', criterion: 'It says a verdict that can be read', threshold: 0.9, measured: 0.95 },
            ...{ interval: [0.86, 0.98], items: 60, evidence: `57 of 60 items have a verdict on ${word}`, verdict },
          })),
        },
      },
    ],
    router: {
      routes,
      known: confusion,
      unseen: confusion,
      general: confusion,
      examples: { [word]: confusion },
      layers: [],
    },
    samples: [{ question: `${word}?`, route: word, answer: word, correct: true }],
    spend: [
      {
        ...{ stage: `${word}.distill`, teacher: `openai:${word}`, tier: 1, requests: 1e6 },
        ...{ inputTokens: 1e9, outputTokens: 1e9, money: 1234.5 },
      },
    ],
    unread: [`${word}/answers.jsonl: gone`],
  };
}

function coverageCurve(source: string) {
  return Array.from({ length: 40 }, (_, at) => {
    const coverage = 1 - 0.5 * 0.85 ** at;
    return { size: 400 + at * 1250, coverage, sources: { [source]: coverage ** 2, own: Math.sqrt(coverage) } };
  });
}
