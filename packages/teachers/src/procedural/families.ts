import { codingFamilies } from './coding/families.ts';
import { commonSenseFamilies } from './common-sense/families.ts';
import type { Family } from './family.ts';
import { instructionFollowingFamilies } from './instruction-following/families.ts';
import { mathFamilies } from './math/families.ts';
import { readingFamilies } from './reading/families.ts';
import { reasoningFamilies } from './reasoning/families.ts';
import { summarizationFamilies } from './summarization/families.ts';
import { toolUseFamilies } from './tool-use/families.ts';

/** Every kind of question there is, by name. */
export const FAMILIES: ReadonlyMap<string, Family> = new Map(
  [
    codingFamilies,
    mathFamilies,
    toolUseFamilies,
    reasoningFamilies,
    readingFamilies,
    summarizationFamilies,
    commonSenseFamilies,
    instructionFollowingFamilies,
  ]
    .flat()
    .map((family) => [family.name, family]),
);
