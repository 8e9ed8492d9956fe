import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactManifest } from '@cogumi/contracts';
import { z } from 'zod';
import { countRejected, type RejectedCounts, type StageSet } from './rejected-rows.ts';

/** What became of the records of a run of data stages. */
export interface DataFacts {
  /** Records in the files. */
  readonly read: number;
  /** Rows that the last stage gave. */
  readonly rows: number;
  readonly rejected: RejectedCounts;
  readonly redacted: { readonly rows: number; readonly kinds: Readonly<Record<string, number>> };
  /** Benchmarks whose test items were looked for in the rows. */
  readonly benchmarks: readonly string[];
  readonly sources: readonly SourceFacts[];
  /** Languages of the rows, the most frequent first. */
  readonly languages: readonly string[];
}

export interface SourceFacts {
  readonly name: string;
  readonly read: number;
  readonly kept: number;
  readonly licence: string;
  readonly terms: string | null;
}

const ImportFacts = z.looseObject({
  bySource: z.record(
    z.string(),
    z.looseObject({ read: z.int(), taken: z.int(), licence: z.string(), terms: z.string().nullable() }),
  ),
});
/** Facts of any stage after import; each tells only some of them. */
const StageFacts = z.looseObject({
  rows: z.int(),
  bySource: z.record(z.string(), z.looseObject({ kept: z.int().optional() })).default({}),
  redacted: z.record(z.string(), z.json()).default({}),
  languages: z.record(z.string(), z.int()).default({}),
  benchmarks: z.record(z.string(), z.json()).default({}),
});

/** Reads the facts of the stages of a run. @param sets - In the order of the stages; the first is that of import. */
export async function readDataFacts(sets: readonly StageSet[]): Promise<DataFacts> {
  const facts = await Promise.all(sets.map(({ folder }) => readFacts(folder)));
  const imported = Object.entries(ImportFacts.parse(facts[0]).bySource);
  const last = StageFacts.parse(facts.at(-1));
  const { rows = 0, ...kinds } = numbersIn(last.redacted);
  return {
    read: imported.reduce((sum, [, source]) => sum + source.read, 0),
    rows: last.rows,
    rejected: await countRejected(sets),
    redacted: { rows, kinds },
    benchmarks: Object.keys(last.benchmarks),
    sources: imported.map(([key, { read, taken, licence, terms }]) => {
      // Import puts the place in the list before the name, because two sources may have one name.
      const name = key.slice(key.indexOf(' ') + 1);
      return { name, read, kept: last.bySource[name]?.kept ?? (sets.length === 1 ? taken : 0), licence, terms };
    }),
    languages: Object.entries(last.languages)
      .filter(([code]) => code !== 'none')
      .sort(([, of], [, than]) => than - of)
      .map(([code]) => code),
  };
}

async function readFacts(folder: string): Promise<unknown> {
  return ArtifactManifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))).facts;
}

function numbersIn(facts: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(facts).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
