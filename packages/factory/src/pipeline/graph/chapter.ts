/** The chapters of a build in their order, each with what happens in it; the report groups stages by them. */
export const CHAPTERS = {
  questions: 'Held-out questions, which no model is trained on, and the prompts that modifiers practise on.',
  start: 'The model that the build starts from, measured as it is.',
  data: 'Rows to train on: imported or written by teachers, without the held-out questions.',
  tuning: 'The start model is trained on the rows with a small adapter, which is then merged into it.',
  repair:
    'Where the tuned model fails, it learns new questions of the same kind; the result is kept where new held-out ones prove it.',
  compression: 'The tuned model is made smaller. This is the base that ships.',
  modifiers:
    'One small adapter a domain: the base tries its prompts, teachers answer those it fails, the adapter learns them.',
  proof: 'What ships beside the model that the build started from, domain by domain.',
  draft: 'A smaller model that guesses what the base says next; it ships only where it makes answers faster.',
  router: 'A small network that picks a modifier, or none, for each prompt.',
  bundle: 'Everything in one file, checked by serving it.',
} as const;
export type Chapter = keyof typeof CHAPTERS;
