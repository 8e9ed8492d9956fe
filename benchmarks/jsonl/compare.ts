/**
 * Reads the lines of a large JSONL file with our reader and with node:readline, with and without JSON.parse, each in a separate process.
 *
 *     taskset -c 0 node --conditions=source benchmarks/jsonl/compare.ts [FILE.jsonl.gz] [--bytes 1e9]
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { openFile } from '../../packages/data/src/formats/byte-source.ts';
import { readChunks } from '../../packages/data/src/formats/read-chunks.ts';
import { readLines } from '../../packages/data/src/formats/read-lines.ts';
import { readRecords } from '../../packages/data/src/formats/read-records.ts';
import { runOwned } from '../../packages/pure/src/process/index.ts';
import { sharedData } from '../../packages/pure/src/testing/shared-data.ts';

/** Readers: each reads the file to its end and returns the number of lines or records. */
const READERS = {
  'ours: lines': async (path) => {
    let lines = 0;
    for await (const block of readLines(path)) lines += block.length;
    return lines;
  },
  'node:readline: lines': async (path) => {
    let lines = 0;
    for await (const _line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) lines++;
    return lines;
  },
  'node:readline, by event: lines': async (path) => {
    let lines = 0;
    const reader = createInterface({ input: createReadStream(path, { highWaterMark: 2 ** 20 }), crlfDelay: Infinity });
    reader.on('line', () => lines++);
    await new Promise((resolve) => reader.on('close', resolve));
    return lines;
  },
  'ours: lines and JSON.parse': async (path) => {
    let characters = 0;
    for await (const block of readLines(path)) {
      for (const line of block) characters += Object.keys(JSON.parse(line as string) as object).length;
    }
    return characters / 3;
  },
  'node:readline, by event: lines and JSON.parse': async (path) => {
    let characters = 0;
    const reader = createInterface({ input: createReadStream(path, { highWaterMark: 2 ** 20 }), crlfDelay: Infinity });
    reader.on('line', (line) => {
      characters += Object.keys(JSON.parse(line) as object).length;
    });
    await new Promise((resolve) => reader.on('close', resolve));
    return characters / 3;
  },
  'ours: records, one by one': async (path) => {
    let records = 0;
    const file = await openFile(path);
    for await (const record of readRecords(file)) records += 'value' in record ? 1 : 0;
    await file.close();
    return records;
  },
} satisfies Record<string, (path: string) => Promise<number>>;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { bytes: { type: 'string', default: '1e9' }, reader: { type: 'string' } },
});

if (values.reader !== undefined) {
  await measure(values.reader as keyof typeof READERS, positionals[0] as string);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'cogumi-jsonl-benchmark-'));
  try {
    const path = join(folder, 'rows.jsonl');
    await enlarge(positionals[0] ?? sharedData('alpaca/alpaca_cleaned.jsonl.gz'), path, Number(values.bytes));
    // Read once before the first run, so that the file is in the page cache for all.
    for await (const _chunk of createReadStream(path));
    process.stdout.write(
      `${statSync(path).size / 1e6} MB\n| reader | MB a second of CPU | MB/s | lines | peak memory |\n| --- | --- | --- | --- | --- |\n`,
    );
    for (const reader of Object.keys(READERS)) {
      const args = [...process.execArgv, import.meta.filename, path, '--reader', reader];
      const { code, stdout, stderr } = await runOwned(process.execPath, args);
      if (code !== 0) throw new Error(`${reader}: ${stderr}`);
      process.stdout.write(stdout);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(reader: keyof typeof READERS, path: string): Promise<void> {
  const before = process.cpuUsage();
  const start = performance.now();
  const lines = await READERS[reader](path);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const per = (time: number) => Math.round(statSync(path).size / 1e6 / time);
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(`| ${reader} | ${per((user + system) / 1e6)} | ${per(seconds)} | ${lines} | ${memory} MiB |\n`);
}

/** Real rows, repeated. */
async function enlarge(from: string, to: string, bytes: number): Promise<void> {
  const file = await openFile(from);
  const rows = Buffer.concat(await Array.fromAsync(readChunks(file)));
  await file.close();
  async function* copies() {
    for (let written = 0; written < bytes; written += rows.length) yield rows;
  }
  await pipeline(Readable.from(copies()), createWriteStream(to));
}
