import { type Cue, DOMAIN_CUES } from './domain-cues.ts';

/** The built-in domains, in the order that breaks ties: narrower tasks first. */
export const DOMAIN_ORDER = [
  'tool_use',
  'coding',
  'summarization',
  'reasoning',
  'math',
  'common_sense',
  'reading',
  'instruction_following',
] as const;
export type LabelledDomain = (typeof DOMAIN_ORDER)[number];

/** The texts that a label is derived from. */
export interface LabelledTexts {
  /** The earlier turns, joined; they may describe tools. */
  readonly before: string;
  readonly question: string;
  readonly answer: string;
}

export interface DomainLabel {
  /** null if no cue names one; a row that names its own may be of any domain. */
  readonly domain: string | null;
  readonly reasons: readonly string[];
}

/** Fewest points for a label (chosen). */
const ENOUGH = 2;
/** Characters read at each end of a question and at the beginning of an answer: the task is stated there (chosen). */
const EDGE = 400;
const BEGINNING = 1500;

/** The domain with the most points. Pure, linear; reads at most 4,000 characters. */
export function labelDomain(texts: LabelledTexts): DomainLabel {
  const { question, answer, before } = texts;
  const places = {
    edges: question.length <= 2 * EDGE ? question : `${question.slice(0, EDGE)}\n${question.slice(-EDGE)}`,
    answer: answer.slice(0, BEGINNING),
    chat: `${before.slice(0, BEGINNING)}\n${question.slice(0, EDGE)}`,
  };
  const points = new Map<string, number>();
  const found: Cue[] = [];
  for (const cue of DOMAIN_CUES) {
    if (!cue.pattern.test(places[cue.place])) continue;
    found.push(cue);
    points.set(cue.domain, (points.get(cue.domain) ?? 0) + cue.points);
  }
  let domain: LabelledDomain | null = null;
  let most = ENOUGH - 1;
  for (const candidate of DOMAIN_ORDER) {
    const own = points.get(candidate) ?? 0;
    if (own > most) {
      most = own;
      domain = candidate;
    }
  }
  return { domain, reasons: found.filter((cue) => cue.domain === domain).map(({ reason }) => reason) };
}
