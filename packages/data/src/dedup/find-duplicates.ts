import { DuplicateFinder, type SearchSettings } from './duplicate-finder.ts';
import type { Duplicates } from './duplicates.ts';

/** Near-duplicates among texts in memory. @see DuplicateFinder */
export async function findDuplicates(
  texts: Iterable<string>,
  order: Uint32Array,
  settings: SearchSettings,
): Promise<Duplicates> {
  const finder = new DuplicateFinder(settings);
  try {
    for (const text of texts) finder.add(text);
    return await finder.find(order);
  } finally {
    await finder.close();
  }
}
