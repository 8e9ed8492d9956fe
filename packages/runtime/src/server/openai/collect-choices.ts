import type { AnswerToken, FinalPiece } from '@cogumi/llama';
import type { ChoicePiece } from '../../runtime.ts';

/** One complete answer of a request. */
export interface Choice {
  readonly index: number;
  readonly text: string;
  readonly tokens: readonly AnswerToken[];
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly final: FinalPiece;
}

/** The answers that pieces make up, in the order of their places. */
export function collectChoices(pieces: readonly ChoicePiece[]): Choice[] {
  return pieces
    .flatMap((piece) => (piece.kind === 'end' ? [piece] : []))
    .sort((one, other) => one.choice - other.choice)
    .map(({ choice, ...final }) => {
      const texts = pieces.flatMap((piece) => (piece.kind === 'text' && piece.choice === choice ? [piece] : []));
      return {
        index: choice,
        text: texts.map(({ text }) => text).join(''),
        tokens: texts.flatMap(({ tokens = [] }) => tokens),
        calls: callsOf(pieces.filter((piece) => piece.choice === choice)),
        final,
      };
    });
}

function callsOf(pieces: readonly ChoicePiece[]): Choice['calls'] {
  return pieces.flatMap((piece) => {
    if (piece.kind !== 'call') return [];
    const parts = pieces.flatMap((part) => (part.kind === 'arguments' && part.call === piece.call ? [part.text] : []));
    return [{ name: piece.name, arguments: parts.join('') }];
  });
}
