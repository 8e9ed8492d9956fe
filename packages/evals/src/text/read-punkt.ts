import { join } from 'node:path';
import { readText } from '../rows/read-rows.ts';
import type { PunktParameters } from './sentences.ts';

/** Reads the folder of one language of NLTK's `punkt_tab`. @throws CogumiError EVAL_DATA if a file is missing. */
export async function readPunkt(folder: string): Promise<PunktParameters> {
  const lines = async (name: string) => (await readText(join(folder, name))).split('\n').filter((line) => line !== '');
  const context = (await lines('ortho_context.tab')).map((line) => line.split('\t'));
  return {
    abbreviations: new Set(await lines('abbrev_types.txt')),
    collocations: new Set(await lines('collocations.tab')),
    starters: new Set(await lines('sent_starters.txt')),
    context: new Map(context.map(([word, bits]) => [word as string, Number(bits)])),
  };
}
