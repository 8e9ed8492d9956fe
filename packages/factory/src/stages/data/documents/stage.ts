import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { type Passage, readDocument, splitPassages } from '@cogumi/data/documents';
import { writeJsonl } from '@cogumi/data/formats';
import { expectedGrounded, expectedScores, writeGrounded } from '@cogumi/teachers';
import { defineStage } from '../../stage.ts';
import { DocumentsStageOptions } from './options.ts';

/** Bytes of a document for a passage: Markdown has little beside its text, HTML and PDF have more (chosen). */
const BYTES_A_PASSAGE = 1000;

/** Documents in, questions and answers out that a teacher wrote from their passages, each proven by the words of its passage. */
export const documents = defineStage({
  name: 'documents',
  version: 1,
  inputs: {},
  output: 'rows',
  options: DocumentsStageOptions,
  cacheInputs: [],
  resumable: false,
  workload: ({ teacher, judge, factsPerPassage, wordings, passageCharacters }, _inputs, sources) => {
    const bytes = Object.values(sources).reduce((sum, source) => sum + (source.bytes ?? 0), 0);
    const passages = Math.max(1, Math.ceil(bytes / Math.min(BYTES_A_PASSAGE, passageCharacters)));
    const examples = passages * factsPerPassage * wordings;
    return {
      items: passages,
      gives: examples,
      unit: 'passages',
      fixedSeconds: 0.5,
      // A reply of a teacher, many at once (chosen).
      secondsPerItem: 0.5,
      bytes: examples * 400,
      asks: [...expectedGrounded(teacher, passages, factsPerPassage), ...expectedScores(judge, examples)],
    };
  },
  async run({ options, sources, output, teacherPool, progress, warn, signal }) {
    const { files, domain, teacher, judge, licence, passageCharacters, ...wanted } = options;
    const passages: (Passage & { readonly source: string })[] = [];
    for (const [at, { path: source }] of files.entries()) {
      const text = await readDocument(sources[String(at)] as string);
      passages.push(...splitPassages(text, passageCharacters).map((passage) => ({ ...passage, source })));
    }
    const { examples, rejected } = await writeGrounded(passages, { writer: teacher, judge, ...wanted }, teacherPool, {
      ...{ stage: 'documents', signal },
      onProgress: (done) => progress({ done, total: passages.length, unit: 'passages' }),
    });
    const sourceOf = (passage: number) => passages[passage]?.source ?? '';
    await writeJsonl(join(output, 'passages.jsonl'), passages);
    await writeJsonl(
      join(output, 'examples.jsonl'),
      examples.map((example) => ({ ...example, document: sourceOf(example.passage) })),
    );
    await writeJsonl(
      join(output, 'rejected.jsonl'),
      rejected.map(({ passage, ...rest }) => ({ ...rest, passage, source: sourceOf(passage) })),
    );
    const reason = commonest(rejected.map((one) => one.reason));
    if (examples.length === 0) throw nothingWritten(domain, teacher, passages.length, reason);
    if (rejected.length > 0)
      warn(`${rejected.length} questions that ${teacher} wrote for ${domain} are left out, most since each ${reason}.`);
    return {
      gates: [],
      facts: {
        ...{ domain, documents: files.length, passages: passages.length, examples: examples.length },
        ...{ rejected: rejected.length, teacher, judge, licences: [licence] },
      },
      items: passages.length,
    };
  },
});

function commonest(reasons: readonly string[]): string {
  const groups = [...Map.groupBy(reasons, (reason) => reason)].sort(
    ([, left], [, right]) => right.length - left.length,
  );
  return groups[0]?.[0] ?? '';
}

function nothingWritten(domain: string, teacher: string, passages: number, reason: string): CogumiError {
  return new CogumiError(
    'DOCUMENTS_EMPTY',
    `${teacher} wrote no usable question from ${passages} passages of the documents of ${domain}${reason === '' ? '' : `; most were left out since each ${reason}`}.`,
    'Look at the text of the documents, or name another teacher (`domains.<domain>.documents.teacher`).',
    { exitCode: EXIT.usage },
  );
}
