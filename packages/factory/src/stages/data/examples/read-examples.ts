import { Row } from '@cogumi/contracts';
import type { JsonlWriter } from '@cogumi/data/formats';
import { openHubOnce } from '@cogumi/data/hub';
import { fieldAt, filesOf, type ImportSource, importSource, type RowSink, readFiles } from '@cogumi/data/import';
import type { StageContext } from '../../context.ts';
import type { ExamplesOptions } from './options.ts';

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
  { options, sources, random, progress, signal }: StageContext<ExamplesOptions>,
  rejects: JsonlWriter,
): Promise<{ found: ReadExample[]; rejected: number }> {
  const { domain, checker } = options;
  const fieldName = 'field' in checker ? checker.field : null;
  const hub = openHubOnce();
  const found: ReadExample[] = [];
  let rejected = 0;
  for (const [number, source] of options.examples.entries()) {
    const { licence, terms, maxCharacters, roles, format, mapping, take } = source;
    const name = nameOf(source);
    const own: ReadExample[] = [];
    const files = filesOf(source, sources[String(number)], hub);
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
    found.push(...(take === null ? own : random.fork(String(number)).sample(own, take)));
  }
  return { found, rejected };
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
