import { z } from 'zod';

/** The authors search for these as regular expressions. */
const Pattern = z.string().min(1).refine(isPattern, { error: 'is no regular expression that JavaScript takes' });
const Relation = z.enum(['less than', 'at least']);
const none = z.object({});

/** What each instruction needs of its `kwargs`; the published file also names those of others, as null. */
export const ARGUMENTS = {
  'keywords:existence': z.object({ keywords: z.array(Pattern) }),
  'keywords:frequency': z.object({ keyword: Pattern, frequency: z.number(), relation: Relation }),
  'keywords:forbidden_words': z.object({ forbidden_words: z.array(Pattern) }),
  'keywords:letter_frequency': z.object({
    letter: z.string().min(1),
    let_frequency: z.number(),
    let_relation: Relation,
  }),
  'language:response_language': z.object({ language: z.string().min(1) }),
  'length_constraints:number_sentences': z.object({ num_sentences: z.number(), relation: Relation }),
  'length_constraints:number_paragraphs': z.object({ num_paragraphs: z.number() }),
  'length_constraints:number_words': z.object({ num_words: z.number(), relation: Relation }),
  'length_constraints:nth_paragraph_first_word': z.object({
    ...{ num_paragraphs: z.number(), nth_paragraph: z.int().positive(), first_word: z.string() },
  }),
  'detectable_content:number_placeholders': z.object({ num_placeholders: z.number() }),
  'detectable_content:postscript': z.object({ postscript_marker: Pattern }),
  'detectable_format:number_bullet_lists': z.object({ num_bullets: z.number() }),
  'detectable_format:constrained_response': none,
  'detectable_format:number_highlighted_sections': z.object({ num_highlights: z.number() }),
  'detectable_format:multiple_sections': z.object({ section_spliter: Pattern, num_sections: z.number() }),
  'detectable_format:json_format': none,
  'detectable_format:title': none,
  'combination:two_responses': none,
  'combination:repeat_prompt': z.object({ prompt_to_repeat: z.string().min(1) }),
  'startend:end_checker': z.object({ end_phrase: z.string() }),
  'startend:quotation': none,
  'change_case:english_capital': none,
  'change_case:english_lowercase': none,
  'change_case:capital_word_frequency': z.object({ capital_relation: Relation, capital_frequency: z.number() }),
  'punctuation:no_comma': none,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type InstructionId = keyof typeof ARGUMENTS;
export type ArgumentsOf<Id extends InstructionId> = z.infer<(typeof ARGUMENTS)[Id]>;

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'iu');
    return true;
  } catch {
    return false;
  }
}
