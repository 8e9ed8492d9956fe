import { BUILT_IN_DOMAINS, type Domain, type Message, promptOf, Question, Row, turnsOf } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import type { StageContext } from '../../context.ts';
import type { RouteStageOptions } from './options.ts';

/** A conversation up to the answer, and the index of the route that should answer it. */
export interface Prompt {
  readonly turns: readonly Message[];
  readonly label: number;
}

/** Prompts that the router is tested on: of the generators by wording, of each domain of one's own by itself. */
export interface HeldOutPrompts {
  readonly known: readonly Prompt[];
  readonly unseen: readonly Prompt[];
  readonly examples: ReadonlyMap<Domain, readonly Prompt[]>;
}

/** What the routes are learned from: the modifiers' own tasks, and everything else for the base. */
export async function gatherTraining(context: StageContext<RouteStageOptions>): Promise<Prompt[]> {
  const { options, random } = context;
  const label = labels(options);
  const rows = await readAllJsonl(context.input('rows').path('train.jsonl'), Row);
  const forBase = rows.filter(({ domain }) => label(domain) === 0);
  const prompts: Prompt[] = random.sample(forBase, options.promptsPerRoute).map(({ history, question }) => ({
    turns: promptOf({ history, question, steps: [] }),
    label: 0,
  }));
  for (const [name, seedPrompts] of context.inputsUnder('modifier')) {
    const asked = await readAllJsonl(seedPrompts.path('questions.jsonl'), Question);
    for (const question of random.fork(name).sample(asked, options.promptsPerRoute)) {
      prompts.push({ turns: turnsOf(question), label: label(question.domain) });
    }
  }
  return prompts;
}

/** Questions of the test split in every built-in domain, drawn apart from the evaluation set's, and held-out examples of the others. */
export async function gatherHeldOut(context: StageContext<RouteStageOptions>): Promise<HeldOutPrompts> {
  const { options, random, seed, signal, teacherPool } = context;
  const { heldOutPerDomain } = options;
  const label = labels(options);
  const toPrompt = (question: Question): Prompt => ({ turns: turnsOf(question), label: label(question.domain) });
  const half = { easy: Math.ceil(heldOutPerDomain / 2), hard: Math.floor(heldOutPerDomain / 2) };
  const domains = Object.fromEntries(BUILT_IN_DOMAINS.map((domain) => [domain, half]));
  const made = await teacherPool.makeQuestions(
    { domains, split: 'test', unseenShare: 0.5, seed: `${seed}/route` },
    signal,
  );
  const examples = new Map<Domain, readonly Prompt[]>();
  for (const [domain, artifact] of context.inputsUnder('examples')) {
    const own = await readAllJsonl(artifact.path('held-out.jsonl'), Question);
    examples.set(domain, random.fork(`examples/${domain}`).sample(own, heldOutPerDomain).map(toPrompt));
  }
  return {
    known: made.filter(({ unseen }) => !unseen).map(toPrompt),
    unseen: made.filter(({ unseen }) => unseen).map(toPrompt),
    examples,
  };
}

/** Index of the route for a domain: 0 is the base, which answers for all that have no modifier. */
function labels({ domains }: RouteStageOptions): (domain: Domain | null) => number {
  const served: readonly (Domain | null)[] = Object.values(domains);
  return (domain) => 1 + served.indexOf(domain);
}
