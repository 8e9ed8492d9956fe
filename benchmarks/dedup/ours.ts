import { join } from 'node:path';
import { findDuplicates } from '../../packages/data/src/dedup/find-duplicates.ts';
import { readLines } from '../../packages/data/src/formats/read-lines.ts';

// Reads texts from a file, a JSON string a line. Prints as JSON the seconds of each round, the kept texts and the peak memory.
const [threads, path, rounds] = process.argv.slice(2) as [string, string, string];
const texts: string[] = [];
for await (const lines of readLines(path)) for (const line of lines) texts.push(JSON.parse(line as string) as string);
const order = Uint32Array.from(texts, (_, at) => at);
const settings = {
  threshold: 0.8,
  threads: Number(threads),
  memoryBytes: 2 ** 29,
  spillPath: join(path, '../shingles'),
};
const seconds: number[] = [];
let kept: Uint32Array = order;
for (let round = 0; round < Number(rounds); round++) {
  const began = performance.now();
  const { canonical } = await findDuplicates(texts, order, settings);
  kept = order.filter((at) => canonical[at] === at);
  seconds.push((performance.now() - began) / 1000);
}
console.log(JSON.stringify({ seconds, kept: [...kept], megabytes: (process.resourceUsage().maxRSS * 1024) / 1e6 }));
