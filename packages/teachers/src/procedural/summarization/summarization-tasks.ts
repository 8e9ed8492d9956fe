import { defineTask, wrong } from '../define-task.ts';
import type { Judgement, Task } from '../task.ts';
import {
  ACTIONS,
  ADJECTIVES,
  ANIMALS,
  atPlace,
  COLOURS,
  COUNTED_FOODS,
  capitalise,
  JOBS,
  MEALS,
  NAMES,
  OBJECTS,
  PLACES,
  withArticle,
} from '../words/words.ts';

interface Content {
  readonly passage: string;
}
/** `must`: the facts that a summary names, and no others; `mustNot`: details of the passage that it leaves out. */
type SummaryFacts = { must: string[]; mustNot: string[] };

const known = {
  sum: ({ passage }: Content) => `Summarize: ${passage}`,
  short: ({ passage }: Content) => `${passage} Make it short.`,
  one: ({ passage }: Content) => `Say this in one sentence: ${passage}`,
  summary: ({ passage }: Content) => `${passage}\nSummary?`,
};
const unseen = {
  give: ({ passage }: Content) => `Give me a short summary of this text: ${passage}`,
  main: ({ passage }: Content) => `${passage} What is it in short?`,
};

/** Words without a fact of their own, which a summary may use (chosen; 600 answers of models used no others). */
const GLUE = new Set(
  'a an the and each both all have has had in on at by near of to with who is was are were it he she they some saw went'.split(
    ' ',
  ),
);

/** Characters of the longest summary (chosen); the tasks' own have less than 90. */
const LONGEST_SUMMARY = 140;

function checkSummary(facts: unknown, answer: string): Judgement {
  const { must, mustNot } = facts as SummaryFacts;
  if (answer.length > LONGEST_SUMMARY)
    return wrong(`the summary has ${answer.length} characters; at most ${LONGEST_SUMMARY} are allowed`);
  const words = new Set(answer.toLowerCase().match(/[a-z]+/g) ?? []);
  const missing = must.find(
    (fact) =>
      !fact
        .toLowerCase()
        .split(' ')
        .every((word) => words.has(word)),
  );
  if (missing) return wrong(`the fact "${missing}" is missing`);
  const extra = mustNot.find((detail) => words.has(detail.toLowerCase()));
  if (extra) return wrong(`the detail "${extra}" must be left out`);
  const named = new Set(must.flatMap((fact) => fact.toLowerCase().split(' ')));
  const invented = [...words].find((word) => !named.has(word) && !GLUE.has(word));
  if (invented) return wrong(`"${invented}" is not one of the main facts`);
  return { correct: true };
}

/** A story of one main action with details around it. */
const deeds = defineTask<Content>({
  name: 'summarization/deed',
  known,
  unseen,
  check: checkSummary,
  make(random, difficulty) {
    const name = random.pick(NAMES);
    const job = random.pick(JOBS);
    const place = random.pick(PLACES);
    const object = random.pick(OBJECTS);
    const [, past] = random.pick(ACTIONS);
    const [food, colour, mood] = [
      random.pick(MEALS),
      random.pick(COLOURS),
      random.pick(['happy', 'tired', 'hungry', 'calm', 'proud']),
    ];
    const details = random.shuffle([
      `It was ${withArticle(random.pick(['warm', 'cold', 'dark', 'bright']))} day.`,
      `The ${job} ate some ${food}.`,
      `The sky was ${colour}.`,
      `${name} was ${mood}.`,
    ]);
    const passage = [
      `${name} is ${withArticle(job)}.`,
      ...details.slice(0, difficulty === 'easy' ? 1 : 3),
      `${capitalise(atPlace(place))} ${name} ${past} ${withArticle(object)}.`,
    ].join(' ');
    return {
      content: { passage },
      answer: `${name} the ${job} ${past} ${withArticle(object)} ${atPlace(place)}.`,
      wrongAnswer: `${name} the ${job} was ${atPlace(place)}.`,
      key: passage,
      facts: { must: [name, job, past, object, place], mustNot: [food, 'sky', 'day', mood] },
    };
  },
});

/** Several similar facts that become one list. */
const lists = defineTask<Content>({
  name: 'summarization/list',
  known,
  unseen,
  check: checkSummary,
  make(random, difficulty) {
    const name = random.pick(NAMES);
    const things = random.sample(random.chance(0.5) ? OBJECTS : COUNTED_FOODS, difficulty === 'easy' ? 2 : 3);
    const place = random.pick(PLACES);
    const passage = [
      `${name} went to the ${place}.`,
      ...things.map(
        (thing, at) =>
          `${['First', 'Then', 'Last'][at]} ${name} saw ${withArticle(thing)}${difficulty === 'hard' ? ` that was ${random.pick(ADJECTIVES)}` : ''}.`,
      ),
    ].join(' ');
    const named = things.map(withArticle);
    const answer = `${name} saw ${named.slice(0, -1).join(', ')} and ${named.at(-1)} ${atPlace(place)}.`;
    return {
      content: { passage },
      answer,
      wrongAnswer: `${name} saw ${named[0]} ${atPlace(place)}.`,
      key: passage,
      facts: { must: [name, ...things, place], mustNot: [] },
    };
  },
});

/** What several people have in common. */
const common = defineTask<Content>({
  name: 'summarization/common',
  known,
  unseen,
  check: checkSummary,
  make(random, difficulty) {
    const people = random.sample(NAMES, difficulty === 'easy' ? 2 : 3);
    const animal = random.pick(ANIMALS);
    const colours = random.sample(COLOURS, people.length);
    const passage = people.map((name, at) => `${name} has ${withArticle(colours[at] as string)} ${animal}.`).join(' ');
    return {
      content: { passage },
      answer: `${people.slice(0, -1).join(', ')} and ${people.at(-1)} each have ${withArticle(animal)}.`,
      wrongAnswer: `${people[0]} has ${withArticle(animal)}.`,
      key: passage,
      facts: { must: [...people, animal], mustNot: colours },
    };
  },
});

export const summarizationTasks: readonly Task[] = [deeds, lists, common];
