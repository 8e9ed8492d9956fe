import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@cogumi/contracts';
import { readBundle } from '@cogumi/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ProviderServer,
  startProviderServer,
} from '../packages/teachers/src/testing/provider-server/start-provider-server.ts';
import { outcomes, startBuild } from './build-tiny.ts';
import { type Finished, ROOT, startCogumi } from './start-cogumi.ts';

const GUIDE = readFileSync(join(ROOT, 'docs/how-to/own-documents.md'), 'utf8').replaceAll('\\\n ', '');
const MANUAL = 'examples/support/manual.md';
const store = mkdtempSync(join(tmpdir(), 'cogumi-documents-'));
let server: ProviderServer;
afterAll(async () => {
  rmSync(store, { recursive: true, force: true });
  await server.close();
});

/**
 * A teacher that finds something to ask in every sentence on notes. Its answers are all alike, since the seedling learns no more than that.
 * The first fact of each passage has a quote that it made up.
 */
function teach(messages: readonly Message[]): string {
  const passage = messages.at(-1)!.content.split('Passage:\n')[1]!;
  const sentences = passage
    .split('\n\n')
    .slice(1)
    .join(' ')
    .split(/(?<=[.;])\s+/);
  const facts = sentences
    .filter((sentence) => sentence.includes('note'))
    .map((quote) => {
      const about = quote
        .replace(/[,.;]/g, '')
        .split(/\s+/)
        .filter((word) => !word.includes('note'))
        .slice(0, 6)
        .join(' ');
      const questions = [`What of ${about}?`, `Quillbox: ${about} …?`, `Tell me more of ${about}, please.`];
      return { quote, answer: 'It is in your note.', accepted: 'note', questions };
    });
  return JSON.stringify({ facts: [{ ...facts[0], quote: 'A note that I dreamt of.', accepted: 'note' }, ...facts] });
}

describe('a domain from documents', () => {
  let tiny: string;
  let added: Finished;
  const command = ['domain', 'add', 'manual', MANUAL, '--teacher', 'openai:gpt-4o-mini', '--budget', '1'];
  beforeAll(async () => {
    server = await startProviderServer({ models: ['gpt-4o-mini'], answer: teach });
    const built = await startBuild(store).finished;
    tiny = bundleOf(built);
    const learn = '{rank: 8, alpha: 16, learningRate: 5e-3, epochs: 6, batchTokens: 256}';
    added = await startCogumi(
      [
        ...[
          ...command,
          '--bundle',
          tiny,
          '--store',
          store,
          '--yes',
          '--json',
          '--set',
          `modifiers.manual.train=${learn}`,
        ],
        ...[
          'teachers.batch=never',
          'route.promptsPerRoute=60',
          'route.heldOutPerDomain=10',
          'evaluate.maxTokens=8',
        ].flatMap((one) => ['--set', one]),
        ...['known-wordings', 'unseen-wordings', 'general-prompts', 'examples-manual'].flatMap((one) => [
          '--override',
          `route/${one}`,
        ]),
        ...['--override', 'validate/routes'],
      ],
      { OPENAI_API_KEY: 'test-key', OPENAI_BASE_URL: `${server.url}/v1` },
    ).finished;
  });

  it('comes out of the command that the guide shows', async () => {
    expect(GUIDE).toContain(`cogumi -- ${command.join(' ')} `);
    expect({ error: added.error, ids: outcomes(added).map((line) => line.split(' ')[0]) }).toEqual({
      error: null,
      ids: expect.arrayContaining(['manual.documents', 'manual.examples', 'manual.train', 'bundle', 'validate']),
    });
    const { config } = await readBundle(bundleOf(added));
    expect(config.modifiers.map(({ name }) => name)).toEqual(['code', 'manual']);
    expect(config.gates.find(({ stage }) => stage === 'manual.evaluate')?.verdict).toBe('pass');
  });

  it('keeps what the manual says, and rejects what the teacher made up', () => {
    const text = readFileSync(join(ROOT, MANUAL), 'utf8').replaceAll(/\s+/g, ' ');
    const kept = lines('manual.documents', 'examples.jsonl');
    expect(kept.length).toBeGreaterThan(20);
    for (const { quote } of kept) expect(text).toContain((quote as string).replaceAll(/\s+/g, ' '));
    const rejected = lines('manual.documents', 'rejected.jsonl');
    expect(rejected).toContainEqual(
      expect.objectContaining({ reason: 'has a quote that does not stand in its passage', source: 'manual.md' }),
    );
  });

  it('is refused without a teacher, with what to type', async () => {
    const { code, error } = await startCogumi(['domain', 'add', 'manual', MANUAL, '--bundle', tiny, '--json']).finished;
    expect({ code, error }).toEqual({
      code: 3,
      error: {
        code: 'TEACHER_MISSING',
        message: expect.stringContaining(MANUAL),
        hint: expect.stringMatching(/--teacher openai:\S+ --budget 1.*baseUrl: http:\/\/localhost/),
      },
    });
  });

  function lines(stage: string, file: string): Record<string, unknown>[] {
    const start = added.events.find((event) => event.event === 'stage-start' && event.stage === stage);
    const folder = join(store, 'artifacts', start?.event === 'stage-start' ? start.key : '');
    const text = readFileSync(join(folder, file), 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }
});

function bundleOf({ events, error, stderr }: Finished): string {
  const end = events.find((event) => event.event === 'build-end');
  if (end?.event === 'build-end' && end.bundle) return end.bundle;
  throw new Error(`no bundle was made: ${error?.message ?? stderr}`);
}
