/** The parts of a reply in the required format. */
export interface ParsedReply {
  readonly answer: string;
  readonly reasoning: string | null;
}

/** The format of hard answers: draft, critique and revision in one block, the answer in another, and nothing around them. */
const STRUCTURED =
  /^<thinking>\s*\[DRAFT\]([\s\S]+?)\[CRITIQUE\]([\s\S]+?)\[REVISED\]([\s\S]+?)<\/thinking>\s*<answer>([\s\S]+?)<\/answer>$/;

/** Writes the format that `parseReply` reads. */
export function structuredReply(draft: string, critique: string, revised: string, answer: string): string {
  return `<thinking>[DRAFT] ${draft} [CRITIQUE] ${critique} [REVISED] ${revised}</thinking><answer>${answer}</answer>`;
}

/**
 * Parses a reply strictly.
 *
 * @param structured - Whether draft, critique and revision are required; otherwise the whole text is the answer.
 * @returns null for any other format: the reply is requested again or rejected, and never repaired by guessing.
 */
export function parseReply(text: string, structured: boolean): ParsedReply | null {
  if (!structured) return text.trim() === '' ? null : { answer: text.trim(), reasoning: null };
  const parts = STRUCTURED.exec(text.trim());
  if (!parts) return null;
  const [, draft, critique, revised, answer] = parts.map((part) => part.trim());
  if (!draft || !critique || !revised || !answer || /<\/?(thinking|answer)>/.test(answer)) return null;
  return { answer, reasoning: `[DRAFT] ${draft} [CRITIQUE] ${critique} [REVISED] ${revised}` };
}
