import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreviewedRow } from '@cogumi/contracts';
import { createEngine, type Engine, ROOT } from '@cogumi/factory';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mapRecord } from '../import/map-record.ts';
import { shapeNamed } from '../import/shapes/find-shape.ts';
import { sampleRow } from '../testing/sample-row.ts';
import { countPreview, createPreview } from './preview.ts';

const folder = mkdtempSync(join(tmpdir(), 'cogumi-look-'));
const seedling = join(ROOT, 'models/seedling');
let engine: Engine;
beforeAll(() => {
  engine = createEngine({ threads: 1, logPath: join(folder, 'engine.log') });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const row = sampleRow({ question: 'Who are you?', answer: 'A small model.' });

describe('createPreview', () => {
  it('marks what the engine would train on: the answer with its end mark, nothing else', async () => {
    // A place of its own: other tests make previews at the same time.
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    vi.stubEnv('TMPDIR', temporary);
    const [shown] = await createPreview(engine, seedling)([row]);
    vi.unstubAllEnvs();
    const { tokens, trained, special, reason } = countPreview(shown!);
    const text = (some: typeof tokens) => some.map((token) => token.text).join('');
    expect(text(tokens)).toBe(
      '<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\nA small model.<|im_end|>',
    );
    expect(text(tokens.filter((token) => token.trained))).toBe('A small model.<|im_end|>');
    expect([trained, special, reason]).toEqual([tokens.filter((token) => token.trained).length, 4, null]);
    expect(readdirSync(temporary).filter((name) => name.startsWith('cogumi-'))).toEqual([]);
  });

  it('marks no answer that the record says is not to be learned, and learns calls with the text before them', async () => {
    const call = { function: { name: 'count_legs', arguments: '{"animal":"spider"}' } };
    const messages = [
      { role: 'user', content: 'Legs of a spider?' },
      { role: 'assistant', content: 'WRONG six.', weight: 0 },
      { role: 'user', content: 'Sure?' },
      { role: 'assistant', content: 'I count.', tool_calls: [call] },
      { role: 'tool', content: '8' },
      { role: 'assistant', content: '<think>8, so eight.</think>Eight.' },
    ];
    const facts = { source: 's', licence: 'MIT', terms: null, domain: null, maxCharacters: 1000 };
    const mapped = mapRecord({ messages }, shapeNamed('messages'), facts, 'x');
    if ('code' in mapped) throw new Error(mapped.reason);
    const [shown] = await createPreview(engine, seedling)([mapped.row]);
    const text = (some: PreviewedRow['tokens']) => some.map((token) => token.text).join('');
    expect(text(shown!.tokens)).toContain('WRONG six.<|im_end|>');
    expect(text(shown!.tokens.filter((token) => token.trained))).toBe(
      'I count.\n{"name":"count_legs","arguments":{"animal":"spider"}}<|im_end|>Eight.<|im_end|>',
    );
    expect(text(shown!.tokens)).not.toContain('so eight');
  });

  it('says which rows training leaves out at the given length', async () => {
    const [shown] = await createPreview(engine, seedling, { maxRowTokens: 5 })([row]);
    expect(shown?.reason).toContain('training takes 5');
  });

  it('passes on why a model cannot be used', async () => {
    await expect(createPreview(engine, join(folder, 'gone'))([row])).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });
});
