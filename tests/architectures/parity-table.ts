import type { Measured } from './measure-architecture.ts';

/** The parity table of `npm run exam -- architectures`, in Markdown. */
export function parityTable(measured: ReadonlyMap<string, Measured>): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
  const rows = [...measured].map(([name, found]) => [
    name,
    `${found.architecture} (${found.gguf})`,
    found.positions.toLocaleString('en'),
    percent(found.agreeing / found.positions),
    found.worstKl.toExponential(1),
    found.mergeError.toExponential(1),
    percent(found.mergedAgreement),
    percent(found.adapterChanges),
    percent(found.quantizedAgreement.Q8_0),
    percent(found.quantizedAgreement.Q4_K_M),
    `${found.systemKept}/${found.systemGiven}`,
    found.unknownEnds.length === 0 ? `known, ${found.quantizedStops}/8` : `unknown: ${found.unknownEnds.join(' ')}`,
  ]);
  const head = [
    ...[
      'model',
      'architecture (GGUF)',
      'tokens',
      'top-1',
      'max KL',
      'merge error',
      'merged = adapter',
      'adapter changes',
    ],
    ...['Q8_0', 'Q4_K_M', 'system', 'stop ids, answers that end'],
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
