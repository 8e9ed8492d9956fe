/** Measures tokens per second of stories260K through this package. Run: node --conditions=source <this file> [threads] */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel } from '../process/model-host.ts';
import type { GenerateRequest } from '../types/answers.ts';
import { randomLora, stories260k } from './stories260k.ts';

/** The best round counts, because other processes share the machine. */
const ROUNDS = 5;
const LISTS: Readonly<Record<string, (at: number) => Partial<GenerateRequest>>> = {
  base: () => ({}),
  'one adapter': () => ({ adapter: 'a' }),
  'two adapters in turn': (at) => ({ adapter: at % 2 === 0 ? 'a' : 'b' }),
};

const threads = Number(process.argv[2] ?? 1);
const folder = await mkdtemp(join(tmpdir(), 'llama-speed-'));
try {
  const paths = { model: join(folder, 'model.gguf'), a: join(folder, 'a.gguf'), b: join(folder, 'b.gguf') };
  await writeFile(paths.model, stories260k());
  // Weights of 0, so that every list generates the same story.
  await writeFile(paths.a, randomLora(1, { size: 0 }).file);
  await writeFile(paths.b, randomLora(2, { size: 0 }).file);
  for (const sequences of [1, 2, 4, 8]) {
    const host = await openModel({
      modelPath: paths.model,
      adapters: { a: paths.a, b: paths.b },
      sequences,
      threads,
    });
    for (const [name, part] of Object.entries(LISTS)) {
      let best = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const start = performance.now();
        const list = Array.from({ length: 16 }, (_, at) => ({ prompt: [1], maxTokens: 128, ...part(at) }));
        const tokens = (await host.completeAll(list)).reduce((sum, { completionTokens }) => sum + completionTokens, 0);
        best = Math.max(best, (tokens / (performance.now() - start)) * 1000);
      }
      console.log(`${threads} threads, ${sequences} sequences, ${name}: ${best.toFixed(0)} tokens/s`);
    }
    await host.close();
  }
} finally {
  await rm(folder, { recursive: true });
}
