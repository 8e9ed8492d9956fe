import { Row } from '@cogumi/contracts';
import type { JsonlWriter } from '@cogumi/data/formats';
import { openHubOnce } from '@cogumi/data/hub';
import { fieldAt, filesOf, ImportSource, importSource, type RowSink, readFiles } from '@cogumi/data/import';
import type { StageContext } from '../../context.ts';
import type { ExamplesOptions } from './options.ts';

/** Most characters of a question with its answer that a teacher wrote (chosen: a reply has few hundred tokens). */
const LONGEST_WRITTEN = 20_000;

/** An example as it stands in its file. */
export interface ReadExample {
  readonly row: Row;
  /** Of the field that the checker reads; undefined where there is none. */
  readonly field: unknown;
}

/**
 * Reads all sources, as `import` does. They are held in memory: examples are written by people, or few.
 *
 * @param rejects - Gets what cannot be a row, with place and reason.
 */
export async function readExamples(
  { options, sources, optionalInput, random, progress, signal }: StageContext<ExamplesOptions>,
  rejects: JsonlWriter,
): Promise<{ found: ReadExample[]; rejected: number }> {
  const { domain, checker } = options;
  const fieldName = 'field' in checker ? checker.field : null;
  const hub = openHubOnce();
  const found: ReadExample[] = [];
  let rejected = 0;
  for (const { source, path, number } of sourcesOf({ options, sources, optionalInput })) {
    const { licence, terms, maxCharacters, roles, format, mapping, take } = source;
    const name = nameOf(source);
    const own: ReadExample[] = [];
    const files = filesOf(source, path, hub);
    const records = readFiles(files, signal, ({ doneBytes, knownBytes }) =>
      progress({ done: doneBytes, total: knownBytes, unit: 'bytes', note: `examples of ${name}` }),
    );
    const facts = { source: name, licence, terms, domain, maxCharacters, roles };
    const counts = await importSource(
      records,
      { facts, format, mapping, idAt: () => '' },
      collect(own, fieldName),
      rejects,
    );
    rejected += counts.rejected;
    found.push(...(take === null ? own : random.fork(number).sample(own, take)));
  }
  return { found, rejected };
}

type Sources = Pick<StageContext<ExamplesOptions>, 'options' | 'sources' | 'optionalInput'>;

/** The sources of the recipe, and what a teacher wrote from documents. */
function sourcesOf({ options, sources, optionalInput }: Sources) {
  const given = options.examples.map((source, at) => ({ source, path: sources[String(at)], number: String(at) }));
  const written = optionalInput('documents');
  if (!written) return given;
  const { licences, teacher } = written.manifest.facts as { licences: string[]; teacher: string };
  const source = ImportSource.parse({
    ...{
      path: 'examples.jsonl',
      name: `documents, by ${teacher}`,
      licence: licences[0],
      maxCharacters: LONGEST_WRITTEN,
    },
  });
  return [...given, { source, path: written.path('examples.jsonl'), number: 'documents' }];
}

function nameOf({ name, hub, path }: ImportSource): string {
  return name ?? hub ?? (path as string);
}

function collect(into: ReadExample[], fieldName: string | null): RowSink {
  return {
    offer: (line, record) => {
      const field = fieldName === null ? undefined : fieldAt(record as Record<string, unknown>, fieldName);
      into.push({ row: Row.parse(JSON.parse(line)), field });
      return undefined;
    },
    finish: async () => into.length,
    discard: async () => {},
  };
}
