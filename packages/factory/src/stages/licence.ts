import { parseDocument } from 'yaml';
import { z } from 'zod';

/** What a recipe says when it says nothing, and what is recorded when nobody else does either. */
const UNKNOWN = 'unknown';

/** Licences that models and their parts are given by name; the hub writes them in lower case. @see https://spdx.org/licenses/ */
const SPDX_IDS = [
  ...['Apache-2.0', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MPL-2.0', 'Unlicense', 'CC0-1.0', 'WTFPL'],
  ...['CC-BY-3.0', 'CC-BY-4.0', 'CC-BY-SA-3.0', 'CC-BY-SA-4.0', 'CC-BY-NC-3.0', 'CC-BY-NC-4.0', 'CC-BY-ND-4.0'],
  ...['CC-BY-NC-ND-4.0', 'CC-BY-NC-SA-4.0', 'GPL-2.0', 'GPL-3.0', 'LGPL-2.1', 'LGPL-3.0', 'AGPL-3.0', 'OSL-3.0'],
];

/** Longest front matter that is read; the longest known have 20 KB (chosen). */
const LONGEST_CHARACTERS = 2 ** 18;

const Text = z.string().trim().min(1).max(200);
const FrontMatter = z.looseObject({
  license: z
    .union([Text, z.array(Text).min(1)])
    .optional()
    .catch(undefined),
  license_name: Text.optional().catch(undefined),
});

/**
 * The licence that a model card names in its front matter, as the hub shows it.
 *
 * @param card - Text of README.md.
 * @returns Its SPDX id where it has one, else the card's name of it; several as `A AND B`; null where the card names none.
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function licenceOfCard(card: string): string | null {
  const text = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(\r?\n|$)/.exec(card.slice(0, LONGEST_CHARACTERS))?.[1];
  if (text === undefined) return null;
  let value: unknown;
  try {
    const document = parseDocument(text);
    if (document.errors.length > 0) return null;
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    return null;
  }
  const { license, license_name: name } = FrontMatter.safeParse(value).data ?? {};
  if (license === undefined) return null;
  const names = typeof license === 'string' ? [license] : license;
  // `other` sends to a licence of the maker's own.
  return names.map((one) => spdxId(one === 'other' ? (name ?? one) : one)).join(' AND ');
}

/** The licence that a GGUF file names in its metadata; null where it names none. */
export function licenceOfGguf(metadata: ReadonlyMap<string, unknown>): string | null {
  const { data } = Text.safeParse(metadata.get('general.license'));
  return data === undefined ? null : spdxId(data);
}

/** A licence by its id in SPDX's spelling; as it is where SPDX has none. */
function spdxId(name: string): string {
  return SPDX_IDS.find((id) => id.toLowerCase() === name.toLowerCase()) ?? name;
}

/**
 * The licence to record: what the recipe says, else what the model says of itself.
 *
 * @param stated - Of the recipe.
 * @param found - Of the model; null: it names none.
 * @param where - Where the model names it, for the warning when both do and differ.
 */
export function settleLicence(
  stated: string,
  found: string | null,
  { where, warn }: { readonly where: string; readonly warn: (message: string) => void },
): string {
  if (found === null || stated === UNKNOWN) return found ?? stated;
  if (found.toLowerCase() !== stated.toLowerCase()) {
    warn(
      `\`base.licence\` is ${stated}, and ${where} names ${found}. The bundle will say ${stated}; leave \`base.licence\` out to take what the model says.`,
    );
  }
  return stated;
}
