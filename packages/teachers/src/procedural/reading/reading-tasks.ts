import type { Random } from '@cogumi/pure';
import { defineTask } from '../define-task.ts';
import type { Task } from '../task.ts';
import {
  ACTIONS,
  ANIMALS,
  atPlace,
  COLOURS,
  DAYS,
  JOBS,
  NAMES,
  OBJECTS,
  PLACES,
  TIMES,
  withArticle,
} from '../words/words.ts';

interface Content {
  readonly passage: string;
  readonly asked: string;
}

/** Wordings around a passage and a question, for all reading tasks. */
const known = {
  after: ({ passage, asked }: Content) => `${passage} ${asked}`,
  read: ({ passage, asked }: Content) => `Read: ${passage} ${asked}`,
  text: ({ passage, asked }: Content) => `Text: ${passage}\nQuestion: ${asked}`,
  before: ({ passage, asked }: Content) => `${asked}\n${passage}`,
};
const unseen = {
  story: ({ passage, asked }: Content) => `Here is a short text. ${passage} Now answer: ${asked}`,
  find: ({ passage, asked }: Content) => `${asked} Find it in this: ${passage}`,
};

/** One event of a passage. */
interface Happening {
  readonly name: string;
  readonly past: string;
  readonly present: string;
  readonly colour: string;
  readonly object: string;
  readonly place: string;
  readonly time: string;
}

function happen(random: Random, name: string, object: string, place: string): Happening {
  const [present, past] = random.pick(ACTIONS);
  return { name, past, present, colour: random.pick(COLOURS), object, place, time: random.pick(TIMES) };
}

const tell = ({ name, past, colour, object, place, time }: Happening) =>
  `${name} ${past} the ${colour} ${object} ${atPlace(place)} ${time}.`;

/** Events: who did what with which thing, where and when. */
const events = defineTask<Content>({
  name: 'reading/events',
  known,
  unseen,
  make(random, difficulty) {
    const count = difficulty === 'easy' ? 1 : 3;
    const names = random.sample(NAMES, count);
    const objects = random.sample(OBJECTS, count);
    const places = random.sample(PLACES, count);
    const all = names.map((name, at) => happen(random, name, objects[at] as string, places[at] as string));
    const one = random.pick(all);
    const other = all.find((event) => event !== one);
    const [asked, answer, wrongAnswer] = random.pick([
      [`Who ${one.past} the ${one.object}?`, one.name, other?.name ?? one.object],
      [
        `Where did ${one.name} ${one.present} the ${one.object}?`,
        atPlace(one.place),
        atPlace(other?.place ?? one.object),
      ],
      [`What did ${one.name} ${one.present}?`, `the ${one.colour} ${one.object}`, `the ${other?.object ?? one.place}`],
      [`What colour is the ${one.object}?`, one.colour, COLOURS.find((colour) => colour !== one.colour) as string],
      [
        `When did ${one.name} ${one.present} the ${one.object}?`,
        one.time,
        TIMES.find((time) => time !== one.time) as string,
      ],
    ] as const);
    const passage = all.map(tell).join(' ');
    return { content: { passage, asked }, answer, wrongAnswer, key: `${passage} ${asked}`, facts: answer };
  },
});

/** People with a job, a home and an animal; hard questions combine two facts. */
const people = defineTask<Content>({
  name: 'reading/people',
  known,
  unseen,
  make(random, difficulty) {
    const count = difficulty === 'easy' ? 1 : 2;
    const names = random.sample(NAMES, count);
    const jobs = random.sample(JOBS, count);
    const places = random.sample(PLACES, count);
    const animals = random.sample(ANIMALS, count);
    const colours = random.sample(COLOURS, count);
    const passage = names
      .map(
        (name, at) =>
          `${name} is ${withArticle(jobs[at] as string)} and lives near the ${places[at]}. ${name} has ${withArticle(colours[at] as string)} ${animals[at]}.`,
      )
      .join(' ');
    const at = random.integer(0, count - 1);
    const other = count === 1 ? null : 1 - at;
    const easy = [
      [`What is the job of ${names[at]}?`, jobs[at], other === null ? places[at] : jobs[other]],
      [
        `Where does ${names[at]} live?`,
        `near the ${places[at]}`,
        `near the ${other === null ? animals[at] : places[other]}`,
      ],
      [
        `What animal does ${names[at]} have?`,
        `${withArticle(colours[at] as string)} ${animals[at]}`,
        other === null ? jobs[at] : animals[other],
      ],
    ];
    const hard = [
      [`What is the job of the one who has the ${animals[at]}?`, jobs[at], jobs[other ?? 0]],
      [`Who lives near the ${places[at]}?`, names[at], names[other ?? 0]],
      [
        `What animal does the ${jobs[at]} have?`,
        `${withArticle(colours[at] as string)} ${animals[at]}`,
        animals[other ?? 0],
      ],
    ];
    const [asked, answer, wrongAnswer] = random.pick(difficulty === 'easy' ? easy : [...easy, ...hard]) as [
      string,
      string,
      string,
    ];
    return { content: { passage, asked }, answer, wrongAnswer, key: `${passage} ${asked}`, facts: answer };
  },
});

/** A plan: which place on which day. */
const plans = defineTask<Content>({
  name: 'reading/plan',
  known,
  unseen,
  make(random, difficulty) {
    const count = difficulty === 'easy' ? 2 : 3;
    const name = random.pick(NAMES);
    const days = random.sample(DAYS, count);
    const places = random.sample(PLACES, count);
    const passage = days.map((day, at) => `On ${day} ${name} goes to the ${places[at]}.`).join(' ');
    const at = random.integer(0, count - 1);
    const other = (at + 1) % count;
    const [asked, answer, wrongAnswer] = random.pick([
      [`Where does ${name} go on ${days[at]}?`, `to the ${places[at]}`, `to the ${places[other]}`],
      [`When does ${name} go to the ${places[at]}?`, `on ${days[at]}`, `on ${days[other]}`],
    ] as [string, string, string][]);
    return { content: { passage, asked }, answer, wrongAnswer, key: `${passage} ${asked}`, facts: answer };
  },
});

/** Pronouns: the person that he or she refers to. */
const pronouns = defineTask<Content>({
  name: 'reading/pronoun',
  known,
  unseen,
  make(random, difficulty) {
    const woman = random.pick([
      'Ada',
      'Anna',
      'Clara',
      'Emma',
      'Jane',
      'Kate',
      'Lily',
      'Mary',
      'Nina',
      'Rosa',
      'Sara',
      'Zoe',
      'Julia',
      'Molly',
    ]);
    const man = random.pick([
      'Adam',
      'Ben',
      'Carl',
      'Fred',
      'Jack',
      'John',
      'Leo',
      'Mark',
      'Noah',
      'Otto',
      'Paul',
      'Tom',
      'Victor',
      'Hugo',
    ]);
    const [thing, other] = random.sample(OBJECTS, 2) as [string, string];
    const place = random.pick(PLACES);
    const she = random.chance(0.5);
    const colour = random.pick(COLOURS);
    const passage = `${woman} met ${man} ${atPlace(place)}. ${she ? 'She' : 'He'} had ${withArticle(colour)} ${thing}${difficulty === 'hard' ? `, and ${she ? 'he' : 'she'} had ${withArticle(other)}` : ''}.`;
    const asked = `Who had the ${thing}?`;
    return {
      content: { passage, asked },
      answer: she ? woman : man,
      wrongAnswer: she ? man : woman,
      key: `${passage} ${asked}`,
      facts: she ? woman : man,
    };
  },
});

export const readingTasks: readonly Task[] = [events, people, plans, pronouns];
