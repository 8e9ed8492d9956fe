import { readFileSync } from 'node:fs';
import { findDuplicates } from '../../packages/factory/src/dedup/find-duplicates.ts';
import { packTexts } from '../../packages/factory/src/dedup/pack-texts.ts';

// Texts in, as a JSON array in a file; seconds of each round and the places that stay out, as JSON.
const [path, rounds] = process.argv.slice(2) as [string, string];
const texts = JSON.parse(readFileSync(path, 'utf8')) as string[];
const order = Uint32Array.from(texts, (_, at) => at);
const seconds: number[] = [];
let kept: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const began = performance.now();
  const { keeper } = findDuplicates(packTexts(texts), order, 0.8);
  kept = [...order].filter((at) => keeper[at] === at);
  seconds.push((performance.now() - began) / 1000);
}
console.log(JSON.stringify({ seconds, kept }));
