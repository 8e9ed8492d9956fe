import { DamagedFile } from './byte-source.ts';

/** Bytes from which a content is identified: the mark of a tar archive lies at byte 257. */
export const IDENTIFYING_BYTES = 512;

interface Content {
  readonly what: string;
  readonly hint: string;
  /** @param start - The first bytes of the content, as Latin-1. */
  readonly matches: (start: string) => boolean;
}

const startsWith =
  (...magic: string[]) =>
  (start: string) =>
    magic.some((bytes) => start.startsWith(bytes));

const UNPACK = 'Unpack it, and name the files inside.';
const AS_PARQUET = 'Write its table as Parquet or JSON Lines, and name that file.';

/** Contents that people have under the name of a data file. Magic numbers: the formats' own specifications. */
const CONTENTS: readonly Content[] = [
  {
    what: 'a Git LFS pointer, which stands for the data and has none',
    hint: 'Fetch the data: git lfs pull, in the folder of the repository.',
    matches: startsWith('version https://git-lfs.github.com/spec/'),
  },
  {
    what: 'a git-annex pointer, which stands for the data and has none',
    hint: 'Fetch the data: git annex get FILE, in the folder of the repository.',
    matches: (start) => /^(\.\.\/)*(\.git)?\/annex\/objects\//.test(start),
  },
  {
    what: 'a web page, not data',
    hint: 'Open it in a browser to see what the server said. Hub files have `/resolve/` in their address, not `/blob/`; some need a login.',
    matches: (start) => /^(\xef\xbb\xbf)?\s*(<!--|<!doctype html|<html|<head|<body)/i.test(start),
  },
  {
    what: 'an XML document, which is often the error message of a server',
    hint: 'Open it in an editor to see what it says, and fetch the data again.',
    matches: (start) => /^(\xef\xbb\xbf)?\s*<\?xml/.test(start),
  },
  {
    what: 'a Parquet file in compressed form; Parquet needs access to all its bytes',
    hint: 'Decompress it first: gunzip FILE or zstd -d FILE. Parquet compresses its pages itself.',
    matches: startsWith('PAR1'),
  },
  {
    what: 'an encrypted Parquet file',
    hint: 'Write it again without encryption.',
    matches: startsWith('PARE'),
  },
  {
    what: 'compressed twice, with gzip or zstd inside',
    hint: 'Decompress it once: gunzip FILE or zstd -d FILE.',
    matches: startsWith('\x1f\x8b', '\x28\xb5\x2f\xfd'),
  },
  { what: 'a zip archive or an Excel workbook', hint: UNPACK, matches: startsWith('PK\x03\x04', 'PK\x05\x06') },
  { what: 'a tar archive', hint: UNPACK, matches: (start) => start.startsWith('ustar', 257) },
  { what: 'a 7z archive', hint: UNPACK, matches: startsWith('7z\xbc\xaf\x27\x1c') },
  { what: 'compressed with xz', hint: 'Decompress it: unxz FILE', matches: startsWith('\xfd7zXZ\0') },
  {
    what: 'compressed with bzip2',
    hint: 'Decompress it: bunzip2 FILE',
    matches: (start) => /^BZh[1-9]1AY/.test(start),
  },
  { what: 'compressed with LZ4', hint: 'Decompress it: unlz4 FILE', matches: startsWith('\x04\x22\x4d\x18') },
  {
    what: 'an Arrow or Feather file',
    hint: "Convert it: python -c \"import pyarrow.feather as f, pyarrow.parquet as p; p.write_table(f.read_table('FILE'), 'FILE.parquet')\"",
    matches: startsWith('ARROW1', 'FEA1'),
  },
  {
    what: 'an Arrow stream, as `datasets` keeps in its cache',
    hint: "Convert it: python -c \"from datasets import Dataset; Dataset.from_file('FILE').to_parquet('FILE.parquet')\"",
    matches: startsWith('\xff\xff\xff\xff'),
  },
  { what: 'an ORC file', hint: AS_PARQUET, matches: startsWith('ORC') },
  { what: 'an Avro file', hint: AS_PARQUET, matches: startsWith('Obj\x01') },
  { what: 'an SQLite database', hint: AS_PARQUET, matches: startsWith('SQLite format 3\0') },
  { what: 'an HDF5 file', hint: AS_PARQUET, matches: startsWith('\x89HDF') },
  { what: 'a Python pickle', hint: AS_PARQUET, matches: startsWith('\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05') },
  {
    what: 'a PDF document',
    hint: 'Name a file of records: JSON Lines, JSON, CSV, TSV or Parquet.',
    matches: startsWith('%PDF-'),
  },
  {
    what: 'a model in the GGUF format',
    hint: 'Name a file of records: JSON Lines, JSON, CSV, TSV or Parquet.',
    matches: startsWith('GGUF'),
  },
  {
    what: 'UTF-16, but only UTF-8 is read',
    hint: 'Convert it to UTF-8: iconv -f UTF-16 -t UTF-8 FILE > NEW_FILE',
    matches: (start) =>
      startsWith('\xff\xfe', '\xfe\xff')(start) || (start.length > 1 && (start[0] === '\0') !== (start[1] === '\0')),
  },
];

/**
 * Passes the chunks on, unless the first bytes say that they are something else than text.
 *
 * @throws DamagedFile that says what they are, and what to do.
 */
export async function* refuseOtherContents(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (held === null) yield chunk;
    else {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (held.length < IDENTIFYING_BYTES) continue;
      refuseContent(held);
      yield held;
      held = null;
    }
  }
  if (held === null || held.length === 0) return;
  refuseContent(held);
  yield held;
}

function refuseContent(start: Buffer): void {
  const text = start.toString('latin1', 0, IDENTIFYING_BYTES);
  const content = CONTENTS.find(({ matches }) => matches(text));
  if (content) throw new DamagedFile(`it is ${content.what}`, { hint: content.hint });
}
