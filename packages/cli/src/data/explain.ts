import { EXIT, type ExitCode } from '@cogumi/contracts';
import { describeRow, type RowDescription } from '@cogumi/data/viewer';
import { dim, paint, printable } from '../terminal/style.ts';
import { setsOf } from './sets-of.ts';

export interface ExplainCall {
  readonly id: string;
  /** As in `LookCall`. */
  readonly places: readonly string[];
  readonly store: string | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Prints where a row went, its score and the reasons. */
export async function explain({ id, places, store, json, signal }: ExplainCall): Promise<ExitCode> {
  const { sets } = await setsOf(places, store);
  const result = await describeRow(sets, id, signal);
  console.log(json ? JSON.stringify({ id, ...result }) : describe(id, result));
  return EXIT.done;
}

function describe(id: string, { occurrences, score }: RowDescription): string {
  const way = occurrences.map(({ set, file, line, reasons, canonical, similarity }) => {
    const like =
      canonical === null ? [] : [`${similarity === null ? '' : `${(similarity * 100).toFixed(1)}% `}like ${canonical}`];
    return `  ${set.padEnd(12)} ${`${file}:${line}`.padEnd(22)} ${printable([...reasons, ...like].join(', '))}`;
  });
  const parts = score?.parts.map(
    ({ name, weight, value, reasons }) =>
      `  ${name.padEnd(12)} ${value.toFixed(3)} ${dim(`× ${weight}`)}  ${printable(reasons.join('; '))}`,
  );
  const labels =
    score &&
    [
      ['language', score.language ?? 'none', ''],
      ['domain', score.domain.domain ?? 'none', score.domain.reasons.join('; ')],
      ['difficulty', score.difficulty.difficulty ?? 'none', score.difficulty.reasons.join('; ')],
    ].map(([name = '', value = '', why = '']) => `  ${name.padEnd(12)} ${value}  ${dim(printable(why))}`);
  return [
    paint('bold', printable(id)),
    ...way,
    ...(score && parts ? [`${paint('bold', 'score')}  ${score.score.toFixed(4)}`, ...parts, ...(labels ?? [])] : []),
  ].join('\n');
}
