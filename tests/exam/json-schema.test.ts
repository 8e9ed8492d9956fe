/**
 * The official JSON Schema test suite, drafts 4 to 2020-12: what the grammar of a schema makes is valid under ajv, and what the suite
 * calls invalid is not taken. The suite is in the source package of jsonschema on PyPI.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@cogumi/pure';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { schemaLanguage } from '../../packages/runtime/src/format/json-schema-grammar.ts';
import { SchemaProblem } from '../../packages/runtime/src/format/schema-problem.ts';
import { matches, randomText } from '../../packages/runtime/src/testing/grammar-texts.ts';

const root = join(import.meta.dirname, '../..');
const PACKAGE = 'jsonschema==4.26.0';
/** Under draft 4 the grammars are stricter, so ajv may read it as draft 7. */
const DRAFTS = { 'draft2020-12': Ajv2020, 'draft2019-09': Ajv2019, draft7: Ajv, draft6: Ajv, draft4: Ajv };
/** Texts for each schema. */
const TEXTS = 30;

interface Group {
  readonly description: string;
  readonly schema: object | boolean;
  readonly tests: readonly { readonly data: unknown; readonly valid: boolean }[];
}

function fetchSuite(): string {
  const folder = join(root, '.cache/json-schema');
  const suite = join(folder, 'jsonschema-4.26.0/json/tests');
  if (existsSync(suite)) return suite;
  mkdirSync(folder, { recursive: true });
  const download = ['-m', 'pip', 'download', '-q', '--no-deps', '--no-binary', 'jsonschema', '-d', folder, PACKAGE];
  execFileSync(join(root, '.venv/bin/python'), download);
  execFileSync('tar', ['xzf', join(folder, 'jsonschema-4.26.0.tar.gz'), '-C', folder]);
  return suite;
}

function groups(folder: string): { place: string; group: Group }[] {
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.json'));
  // Whether 1.0 is another number than 1 is optional, and cannot be seen in JavaScript.
  return files
    .filter((name) => !name.includes('zeroTerminatedFloats'))
    .flatMap((name) =>
      (JSON.parse(readFileSync(join(folder, name), 'utf8')) as Group[]).map((group) => ({
        place: `${name}: ${group.description}`,
        group,
      })),
    );
}

it('makes valid texts alone of at least 700 schemas of the suite, and refuses the rest by name', () => {
  const suite = fetchSuite();
  const random = createRandom('JSON Schema test suite');
  const counts = { covered: 0, refused: 0, texts: 0, validTaken: 0, valid: 0 };
  const wrong: string[] = [];
  for (const [draft, Kind] of Object.entries(DRAFTS)) {
    for (const { place, group } of groups(join(suite, draft))) {
      let grammar: ReturnType<typeof schemaLanguage>;
      try {
        grammar = schemaLanguage(group.schema);
      } catch (error) {
        expect(error, place).toBeInstanceOf(SchemaProblem);
        counts.refused++;
        continue;
      }
      counts.covered++;
      const { $schema: _, ...schema } =
        typeof group.schema === 'object' ? (group.schema as Record<string, unknown>) : { allOf: [group.schema] };
      const ajv = new Kind({ strict: false, ownProperties: true, validateFormats: false, logger: false });
      const valid = ajv.compile(schema);
      for (let at = 0; at < TEXTS; at++) {
        const text = randomText(grammar.root, grammar.rules, () => random.next());
        counts.texts++;
        if (!valid(JSON.parse(text))) wrong.push(`${draft}/${place}: makes ${text}`);
      }
      for (const { data, valid: isValid } of group.tests) {
        counts.valid += Number(isValid);
        if (!matches(grammar.root, grammar.rules, JSON.stringify(data))) continue;
        counts.validTaken += Number(isValid);
        if (!isValid) wrong.push(`${draft}/${place}: takes ${JSON.stringify(data)}`);
      }
    }
  }
  console.log(counts);
  expect(wrong).toEqual([]);
  expect(counts.covered).toBeGreaterThan(700);
}, 600_000);
