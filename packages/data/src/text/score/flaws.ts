/** Flaws of an answer that simple rules find. */
export type Flaw = 'echo' | 'refusal' | 'persona' | 'cut-off' | 'hanging' | 'fence' | 'mojibake';

/** Factor by which a flaw lowers coherence (chosen). */
export const FLAW_FACTORS: Readonly<Record<Flaw, number>> = {
  echo: 0.1,
  refusal: 0.5,
  persona: 0.5,
  'cut-off': 0.6,
  hanging: 0.35,
  fence: 0.7,
  mojibake: 0.5,
};

/** Description of each flaw, for people. */
export const FLAW_REASONS: Readonly<Record<Flaw, string>> = {
  echo: 'the answer repeats the question',
  refusal: 'the answer is a refusal',
  persona: 'the answer calls itself a language model',
  'cut-off': 'the answer ends in the middle of a sentence',
  hanging: 'the answer ends with a word that cannot end a sentence',
  fence: 'a code fence is not closed',
  mojibake: 'the text was decoded with a wrong encoding',
};

/** Characters at the beginning of an answer that are searched for a refusal (chosen). */
const HEAD = 120;
const REFUSAL =
  /^(?:i['’]?m sorry|i am sorry|sorry|i apologi[sz]e|unfortunately)\b.{0,30}?\b(?:can(?:no|['’])t|unable|not able|won['’]t)\b|\bi (?:can(?:no|['’])t|am unable to|am not able to|won['’]t be able to) (?:help|assist|provide|answer|fulfil|complete|do that|access|generate|comply)|^no output$/i;
const PERSONA =
  /\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b|\bi(?:['’]m| am) (?:just )?an? (?:ai|(?:large )?language model)\b/i;
/** UTF-8 read as Latin-1 or Windows-1252, the replacement character, control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression searches for them.
const MOJIBAKE = /Ã[\u0080-\u00bf]|â€|Â[\u00a0-\u00bf]|\ufffd|[\u0000-\u0008\u000e-\u001f]/;
/** The end of a sentence with closing marks, or a line that code may end with. */
const ENDED = /[.!?:;。！？…)\]}>"'’”`*|=~_\d%$°]$/;
/** Fewest words of a line that counts as a sentence rather than a list item (chosen). */
const SENTENCE = 8;
const HANGING =
  /(?:,|\b(?:the|a|an|of|and|or|but|with|to|from|for|in|on|at|by|as|is|are|was|were|that|which|because|their|its|his|her|my|your))$/i;
const SENTENCE_END = /[.!?](?:\s|$)/;

/** The flaws of an answer, in linear time. */
export function findFlaws(question: string, answer: string): Flaw[] {
  const flaws: Flaw[] = [];
  const end = answer.trimEnd();
  if (end.trimStart() === question.trim()) flaws.push('echo');
  if (REFUSAL.test(answer.slice(0, HEAD))) flaws.push('refusal');
  if (PERSONA.test(answer)) flaws.push('persona');
  if (MOJIBAKE.test(answer)) flaws.push('mojibake');
  if (answer.includes('```') && answer.split('```').length % 2 === 0) flaws.push('fence');
  else if (!ENDED.test(end.slice(-1))) {
    const line = end.slice(end.lastIndexOf('\n') + 1);
    const words = countSpaces(line) + 1;
    if (words >= SENTENCE / 2 && HANGING.test(line.slice(-12))) flaws.push('hanging');
    else if (words >= SENTENCE && SENTENCE_END.test(end)) flaws.push('cut-off');
  }
  return flaws;
}

function countSpaces(text: string): number {
  let spaces = 0;
  for (let at = text.indexOf(' '); at !== -1; at = text.indexOf(' ', at + 1)) spaces++;
  return spaces;
}
