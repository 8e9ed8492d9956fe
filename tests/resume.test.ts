import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../packages/pure/src/random/random.ts';
import { digestOf, outcomes, startBuild } from './build-tiny.ts';
import { type Finished, startCogumi } from './start-cogumi.ts';

/** Random moments at which a build is killed: two in every test run, thirty in `npm run exam`. */
const KILLS = Number(process.env.COGUMI_KILLS ?? 2);

const folder = mkdtempSync(join(tmpdir(), 'cogumi-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a tiny build', () => {
  let whole: Finished;
  let wholeMs = 0;
  beforeAll(async () => {
    const started = Date.now();
    whole = await startBuild(join(folder, 'whole')).finished;
    wholeMs = Date.now() - started;
  });

  it('ends with a bundle', () => {
    expect(whole.stderr).toBe('');
    expect(whole.code).toBe(0);
    expect(digestOf(whole)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('ships every gate that was judged, and the key of every stage, under the names that --override takes', async () => {
    const bundle = join(folder, 'whole/bundles/tiny.cogumi');
    const { stdout } = await startCogumi(['verify', bundle, '--json']).finished;
    const { config } = JSON.parse(stdout) as {
      config: { gates: { stage: string; name: string }[]; lineage: Record<string, string> };
    };
    const judged = whole.events.flatMap((event) =>
      event.event === 'gate-judged' ? [`${event.stage}/${event.gate.name}`] : [],
    );
    const keys = whole.events.flatMap((event) => (event.event === 'stage-start' ? [[event.stage, event.key]] : []));
    const inside = ([stage]: readonly (string | undefined)[]) => stage !== 'bundle' && stage !== 'validate';
    expect(config.gates.map(({ stage, name }) => `${stage}/${name}`)).toEqual(
      judged.filter((name) => inside(name.split('/'))),
    );
    expect(config.gates.map(({ stage }) => stage)).toContain('filter');
    expect(config.lineage).toEqual(Object.fromEntries(keys.filter(inside)));
  });

  it('runs again from the store alone, with the same digest and without Python', async () => {
    const store = join(folder, 'whole');
    // Each start of Python has a log.
    const starts = () => readdirSync(store, { recursive: true }).filter((name) => String(name).endsWith('engine.log'));
    const before = starts();
    expect(before).not.toEqual([]);
    const again = await startBuild(store).finished;
    expect(outcomes(again).filter((outcome) => !outcome.endsWith(' cached'))).toEqual([]);
    expect(digestOf(again)).toBe(digestOf(whole));
    expect(starts()).toEqual(before);
  });

  const random = createRandom('kill moments');
  it.each(Array.from({ length: KILLS }, (_, at) => at + 1))(
    'killed with -9 at a random moment (%i) and run again ends with the same digest',
    async (number) => {
      const store = join(folder, `killed-${number}`);
      const moment = random.next() * wholeMs;
      const killed = startBuild(store);
      setTimeout(killed.kill, moment);
      await killed.finished;
      const resumed = await startBuild(store).finished;
      expect({ moment, code: resumed.code, stderr: resumed.stderr, digest: digestOf(resumed) }).toEqual({
        moment,
        code: 0,
        stderr: '',
        digest: digestOf(whole),
      });
      rmSync(store, { recursive: true, force: true });
    },
  );
});
