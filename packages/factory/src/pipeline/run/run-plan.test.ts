import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type BuildEvent, CogumiError, type Gate } from '@cogumi/contracts';
import { hashJson } from '@cogumi/pure';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openStore } from '../../artifacts/store.ts';
import { choose } from '../../stages/proof/choose/stage.ts';
import { defineStage, type Stage, type StageResult } from '../../stages/stage.ts';
import type { PlannedNode } from '../graph/node.ts';
import type { BuildContext } from './build-context.ts';
import { runPlan } from './run-plan.ts';

/** A stage that writes one file and ends as it is told. */
function stage(
  name: string,
  result: Partial<StageResult> = {},
  work: (signal: AbortSignal) => Promise<void> = async () => {},
) {
  return defineStage({
    ...{
      name,
      version: 1,
      inputs: { 'read.*': 'any' },
      output: 'rows',
      options: z.unknown(),
      cacheInputs: [],
      resumable: false,
      gateNames: () => ['holds'],
    },
    workload: () => ({ items: 1, unit: 'rows', fixedSeconds: 1, secondsPerItem: 0, bytes: 1 }),
    async run({ output, signal }) {
      await work(signal);
      await writeFile(join(output, 'rows.jsonl'), `${name}\n`);
      return { gates: [], facts: {}, ...result };
    },
  });
}

const gate = (verdict: Gate['verdict']): Gate => ({
  ...{
    name: 'holds',
    criterion: '',
    bound: 'at-least',
    threshold: 1,
    measured: 0,
    interval: null,
    unit: '',
    evidence: '',
  },
  ...{ advice: '', verdict, guard: false },
});

function node(
  id: string,
  of: unknown,
  inputs: Record<string, string> = {},
  candidate: string | null = null,
  options: unknown = {},
): PlannedNode {
  const runs = of as Stage<never>;
  const workload = runs.workload(options as never, {}, {});
  const planned = { key: hashJson({ id }), cached: false, sourceHashes: {}, workload, seconds: 1, origin: '' };
  return { id, stage: runs, options, inputs, sources: {}, chapter: 'data', candidate, ...planned };
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-run-plan-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An optional step (`null`: a step of the build) that throws, the proof behind it, and the choice. */
function refusing(candidate: string | null, code = 'MODEL_UNSUPPORTED'): PlannedNode[] {
  const small = stage('small', {}, async () => {
    throw new CogumiError(code, 'This model has no such part.', 'Leave it out.');
  });
  return [
    node('before', stage('before')),
    node('small', { ...small, refuses: ['MODEL_UNSUPPORTED'] }, { 'read.before': 'before' }, candidate),
    node('score', stage('score'), { 'read.small': 'small' }, candidate),
    node('keep', choose('rows'), { candidate: 'small', fallback: 'before', 'evidence.score': 'score' }, null, {
      ...{ evidence: ['score'], accepted: [] },
    }),
  ];
}

/** Builds the nodes in a store of their own; what happened as `<node> <outcome>`. */
async function run(
  nodes: PlannedNode[],
  recipe: { override?: string[]; stagesAtOnce?: number } = {},
  folder = emptyFolder(),
) {
  const store = await openStore(folder);
  const events: BuildEvent[] = [];
  const emit = (event: BuildEvent) => void events.push(event);
  const context = {
    ...{ store, emit, versions: '', threads: 1, memory: () => null, now: Date.now, onEvent: emit, command: [] },
    recipe: { name: 'test', seed: 1, override: [], stagesAtOnce: 1, ...recipe },
    log: { folder, id: 'run', write: () => {} },
    signal: new AbortController().signal,
  } as unknown as BuildContext;
  const plan = { nodes, seconds: 0, bytes: 0, downloadBytes: 0, memoryBytes: 0, money: 0 };
  const ended = runPlan(plan, context);
  const outcomes = () =>
    events.flatMap((event) => (event.event === 'stage-end' ? [`${event.stage} ${event.outcome}`] : []));
  return { ended, outcomes, events };
}

describe('runPlan', () => {
  it('starts nothing that reads a result whose gate failed, and goes on with the rest', async () => {
    const { ended, outcomes } = await run([
      node('bad', stage('bad', { gates: [gate('fail')] })),
      node('after', stage('after'), { 'read.bad': 'bad' }),
      node('last', stage('last'), { 'read.after': 'after' }),
      node('other', stage('other')),
    ]);
    expect((await ended).outcome).toBe('gate-failed');
    expect(outcomes()).toEqual(['bad done', 'after blocked', 'last blocked', 'other done']);
  });

  it('starts what explains a failure where the result is there, and not where it is missing', async () => {
    const explains = { ...stage('explains'), readsFailed: true };
    const { ended, outcomes } = await run([
      node('bad', stage('bad', { gates: [gate('fail')] })),
      node('after', stage('after'), { 'read.bad': 'bad' }),
      node('why', explains, { 'read.bad': 'bad' }),
      node('blind', explains, { 'read.bad': 'bad', 'read.after': 'after' }),
      node('optional', explains, { 'read.bad': 'bad' }, 'group'),
      node('empty', stage('empty', { skipped: 'nothing to do' })),
      node('idle', explains, { 'read.empty': 'empty' }),
    ]);
    expect((await ended).outcome).toBe('gate-failed');
    expect(outcomes()).toEqual([
      ...['bad done', 'after blocked', 'why done', 'blind blocked', 'optional blocked'],
      ...['empty skipped', 'idle skipped'],
    ]);
  });

  it('lets an overridden gate through, under the name that it is printed with', async () => {
    const nodes = [
      node('bad', stage('bad', { gates: [gate('fail')] })),
      node('after', stage('after'), { 'read.bad': 'bad' }),
    ];
    const { ended, outcomes } = await run(nodes, { override: ['bad/holds'] });
    expect((await ended).gates).toMatchObject([{ stage: 'bad', overridden: true }]);
    expect(outcomes()).toEqual(['bad done', 'after done']);
  });

  it('counts neither a gate over nothing nor a guard that cannot tell against the build, and shows both', async () => {
    const open = { ...gate('inconclusive'), guard: true };
    const { ended, outcomes } = await run(
      [
        node('all', stage('all', { gates: [gate('skipped'), open] })),
        node('after', stage('after'), { 'read.all': 'all' }),
      ],
      { override: ['*'] },
    );
    const { outcome, gates } = await ended;
    expect(outcome).toBe('done');
    expect(gates.map(({ gate: { verdict }, overridden }) => [verdict, overridden])).toEqual([
      ['skipped', false],
      ['inconclusive', true],
    ]);
    expect(outcomes()).toEqual(['all done', 'after done']);
    const goal = await run([node('all', stage('all', { gates: [gate('inconclusive')] }))]);
    expect((await goal.ended).outcome).toBe('inconclusive');
  });

  it('says again what a stage warned of when it is taken from the store', async () => {
    const warns = defineStage({
      ...stage('warns'),
      async run({ output, warn }) {
        await writeFile(join(output, 'rows.jsonl'), 'x\n');
        warn('3 rows were left out');
        return { gates: [], facts: {} };
      },
    });
    const folder = emptyFolder();
    for (const outcome of ['done', 'cached']) {
      const { ended, events, outcomes } = await run([node('warns', warns)], {}, folder);
      await ended;
      expect(outcomes()).toEqual([`warns ${outcome}`]);
      expect(events.filter(({ event }) => event === 'stage-warning')).toMatchObject([
        { stage: 'warns', message: '3 rows were left out' },
      ]);
    }
  });

  it('blocks on a guard that proves a loss', async () => {
    const fell = { ...gate('fail'), guard: true };
    const { ended, outcomes } = await run([
      node('all', stage('all', { gates: [fell] })),
      node('after', stage('after'), { 'read.all': 'all' }),
    ]);
    expect((await ended).outcome).toBe('gate-failed');
    expect(outcomes()).toEqual(['all done', 'after blocked']);
  });

  it('takes back an optional step whose proof fails: the build goes on with what it had before', async () => {
    const { ended, outcomes } = await run([
      node('before', stage('before')),
      node('small', stage('small'), { 'read.before': 'before' }, 'small'),
      node('proof', stage('proof', { gates: [gate('fail')] }), { 'read.small': 'small' }, 'small'),
      node('score', stage('score'), { 'read.proof': 'proof' }, 'small'),
      node('keep', choose('rows'), { candidate: 'small', fallback: 'before', 'evidence.score': 'score' }, null, {
        ...{ evidence: ['proof', 'score'], accepted: [] },
      }),
      node('bundle', stage('bundle'), { 'read.keep': 'keep', 'read.proof': 'proof', 'read.score': 'score' }),
    ]);
    expect((await ended).outcome).toBe('done');
    expect(outcomes()).toEqual([
      'before done',
      'small done',
      'proof done',
      'score blocked',
      'keep done',
      'bundle done',
    ]);
  });

  it('takes back an optional step that refuses this model, and says why', async () => {
    const { ended, outcomes, events } = await run(refusing('small'));
    expect((await ended).outcome).toBe('done');
    expect(outcomes()).toEqual(['before done', 'small blocked', 'score blocked', 'keep done']);
    const messages = events.flatMap((event) => (event.event === 'stage-end' ? [event.message] : []));
    expect(messages.slice(1, 3)).toEqual([
      'This model has no such part. Leave it out.',
      'it stands on the refusal of small (MODEL_UNSUPPORTED)',
    ]);
  });

  it('hides no other error of an optional step, and ends where a step that has to be taken refuses', async () => {
    const broken = await run(refusing('small', 'ENGINE_FAILED'));
    await expect(broken.ended).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    const needed = await run(refusing(null));
    await expect(needed.ended).rejects.toMatchObject({ code: 'MODEL_UNSUPPORTED' });
    expect(needed.outcomes()).toEqual(['before done', 'small failed']);
  });

  it('skips what needs the result of a stage that had nothing to do, inside its round only', async () => {
    const { ended, outcomes } = await run([
      node('first', stage('first')),
      node('distill', stage('distill', { skipped: 'nothing is left to fix' }), { 'read.first': 'first' }, 'round 2'),
      node('train', stage('train'), { 'read.distill': 'distill' }, 'round 2'),
      node('keep', choose('rows'), { candidate: 'train', fallback: 'first', 'evidence.train': 'train' }, null, {
        ...{ evidence: ['train'], accepted: [] },
      }),
    ]);
    expect((await ended).outcome).toBe('done');
    expect(outcomes()).toEqual(['first done', 'distill skipped', 'train skipped', 'keep done']);
  });

  it('runs independent nodes side by side where the recipe allows it', async () => {
    // Each waits for the other: one after another, they would never end.
    const started = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
    const waits = (id: 'a' | 'b', other: 'a' | 'b') =>
      node(
        id,
        stage(id, {}, () => {
          started[id].resolve();
          return started[other].promise;
        }),
      );
    expect((await (await run([waits('a', 'b'), waits('b', 'a')], { stagesAtOnce: 2 })).ended).outcome).toBe('done');
  });

  it('runs one node after another by default, in the order of the plan', async () => {
    const marks: string[] = [];
    const marked = (id: string) =>
      node(
        id,
        stage(id, {}, async () => {
          marks.push(`+${id}`);
          await setTimeout(5);
          marks.push(`-${id}`);
        }),
      );
    await (await run([marked('a'), marked('b')])).ended;
    expect(marks).toEqual(['+a', '-a', '+b', '-b']);
  });

  it('ends the others when a stage fails, and throws its failure', async () => {
    let aborted = false;
    const waits = stage('waits', {}, async (signal) => {
      await setTimeout(10_000, undefined, { signal }).catch((cause) => {
        aborted = signal.aborted;
        throw cause;
      });
    });
    const fails = stage('fails', {}, async () => {
      throw new Error('broken');
    });
    const { ended } = await run([node('waits', waits), node('fails', fails)], { stagesAtOnce: 2 });
    await expect(ended).rejects.toThrow('broken');
    expect(aborted).toBe(true);
  });
});
