/** What a model says that does not try to answer. */
const REFUSES =
  /\b(?:i['’]m sorry|i am sorry|i apologi[sz]e|i can['’]?t|i cannot|i can not|i(?:['’]m| am) (?:unable|not able)|i (?:do not|don['’]t) have (?:the|access|any)|as an? (?:\w{1,12}[ -]){0,3}(?:ai|chatbot|model|assistant))\b/i;

/** Characters in which a refusal begins (chosen). */
const OPENING = 120;

/** Whether an answer refuses rather than answers, by how it begins. */
export function isRefusal(answer: string): boolean {
  return REFUSES.test(answer.slice(0, OPENING));
}
