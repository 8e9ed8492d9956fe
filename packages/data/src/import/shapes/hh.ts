import { fromTurns, readTurns } from './conversation.ts';
import { type Shape, textOf } from './shape.ts';

const SPEAKER = /\n\n(Human|Assistant):/;

/** Anthropic HH: each conversation is one text; the preferred one is used (Bai et al. 2022, arXiv:2204.05862). */
export const hh: Shape = {
  name: 'hh',
  fields: 'chosen, rejected: "\\n\\nHuman: …\\n\\nAssistant: …"',
  fits: ({ chosen, rejected }) => typeof chosen === 'string' && typeof rejected === 'string' && SPEAKER.test(chosen),
  map: ({ chosen }) => {
    const [before = '', ...parts] = textOf(chosen).split(SPEAKER);
    if (before.trim() !== '') return { code: 'other-format', reason: 'has text before the first speaker' };
    const said = parts.flatMap((role, at) => (at % 2 === 0 ? [{ role, content: (parts[at + 1] ?? '').trim() }] : []));
    const turns = readTurns(said, {});
    return 'code' in turns ? turns : fromTurns(turns);
  },
};
