/** What a teacher's reply says, once its form has been checked. */
export interface ParsedReply {
  readonly answer: string;
  readonly reasoning: string | null;
}

/** Hard answers think first, in three marked parts; nothing may stand around the two blocks (spec D9). */
const STRUCTURED =
  /^<thinking>\s*\[DRAFT\]([\s\S]+?)\[CRITIQUE\]([\s\S]+?)\[REVISED\]([\s\S]+?)<\/thinking>\s*<answer>([\s\S]+?)<\/answer>$/;

/** Writes the form that `parseReply` reads. */
export function structuredReply(draft: string, critique: string, revised: string, answer: string): string {
  return `<thinking>[DRAFT] ${draft} [CRITIQUE] ${critique} [REVISED] ${revised}</thinking><answer>${answer}</answer>`;
}

/**
 * Reads a reply strictly.
 *
 * @param structured - Whether draft, critique and revision are wanted; otherwise the whole text is the answer.
 * @returns null when the form is not kept: such replies are asked for again or set aside, never guessed at.
 */
export function parseReply(text: string, structured: boolean): ParsedReply | null {
  if (!structured) return text.trim() === '' ? null : { answer: text.trim(), reasoning: null };
  const parts = STRUCTURED.exec(text.trim());
  if (!parts) return null;
  const [, draft, critique, revised, answer] = parts.map((part) => part.trim());
  if (!draft || !critique || !revised || !answer || /<\/?(thinking|answer)>/.test(answer)) return null;
  return { answer, reasoning: `[DRAFT] ${draft} [CRITIQUE] ${critique} [REVISED] ${revised}` };
}
