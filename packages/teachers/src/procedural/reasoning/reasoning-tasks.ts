import { defineTask, sameText, wrong } from '../define-task.ts';
import type { Judgement, Task } from '../task.ts';
import { ANIMALS, COLOURS, capitalise, NAMES, OBJECTS, withArticle } from '../words/words.ts';
import { ordersThatFit } from './orders-that-fit.ts';

/** Pairs of an adjective's comparative and both superlatives. */
const SCALES = [
  { more: 'taller', most: 'tallest', least: 'shortest' },
  { more: 'older', most: 'oldest', least: 'youngest' },
  { more: 'faster', most: 'fastest', least: 'slowest' },
  { more: 'richer', most: 'richest', least: 'poorest' },
  { more: 'heavier', most: 'heaviest', least: 'lightest' },
] as const;

type OrderFacts = { kind: 'order'; people: string[]; above: [string, string][]; ask: 'most' | 'least' };

/** Who is tallest, from clues that say who is taller than whom; the answer gives the order first, and the judge tries all orders. */
const order = defineTask<{ clues: string[]; asked: string; people: string[] }>({
  name: 'reasoning/order',
  known: {
    plain: ({ clues, asked }) => `${clues.join(' ')} Who is the ${asked}?`,
    read: ({ clues, asked }) => `Think. ${clues.join(' ')} Who is ${asked}?`,
    first: ({ clues, asked }) => `Who is the ${asked}? ${clues.join(' ')}`,
    people: ({ clues, asked, people }) => `There are ${people.join(', ')}. ${clues.join(' ')} Name the ${asked}.`,
  },
  unseen: {
    which: ({ clues, asked }) => `${clues.join(' ')} Which of them is the ${asked}?`,
    tell: ({ clues, asked }) => `Here is what we know. ${clues.join(' ')} Tell me who the ${asked} is.`,
  },
  make(random, difficulty) {
    const people = random.sample(NAMES, difficulty === 'easy' ? 3 : 4);
    const scale = random.pick(SCALES);
    const ask = random.pick(['most', 'least'] as const);
    const above = people.slice(1).map((person, at): [string, string] => [people[at] as string, person]);
    const facts: OrderFacts = { kind: 'order', people: [...people].sort(), above, ask };
    const clues = random.shuffle(above).map(([high, low]) => `${high} is ${scale.more} than ${low}.`);
    const answer = (ask === 'most' ? people[0] : people.at(-1)) as string;
    return {
      content: { clues, asked: scale[ask], people: [...people].sort() },
      answer: `${people.join(', ')}: ${answer}`,
      wrongAnswer: people[1] as string,
      key: `${scale.more} ${people.join(' ')} ${ask}`,
      facts,
      reasoning: `The order is ${people.join(', ')}.`,
    };
  },
  check: (facts, answer) => checkOrder(facts as unknown as OrderFacts, answer),
});

function checkOrder({ people, above, ask }: OrderFacts, answer: string): Judgement {
  const orders = ordersThatFit(people, above);
  const possible = new Set(orders.map((found) => (ask === 'most' ? found[0] : found.at(-1))));
  const said = conclusion(answer);
  if (possible.size === 1 && possible.has(said)) return { correct: true };
  return wrong(`the clues leave ${[...possible].join(' or ')}, got "${said.slice(0, 60)}"`);
}

/** TaskContent-up kinds, so that nothing can be answered from knowledge of the world. */
const KINDS = 'blips dops fens gims hobs jads kims lops mols nubs pims rads sibs tams vens wugs yims zaps'.split(' ');

/** All, some and no: whether a conclusion follows. */
const syllogism = defineTask<{ first: string; second: string; claim: string }>({
  name: 'reasoning/syllogism',
  known: {
    plain: ({ first, second, claim }) => `${first} ${second} ${claim}?`,
    logic: ({ first, second, claim }) => `Logic: ${first} ${second} ${claim}?`,
    given: ({ first, second, claim }) => `It is given that: ${first} ${second} Now: ${claim}?`,
    swapped: ({ first, second, claim }) => `${second} ${first} ${claim}?`,
  },
  unseen: {
    follows: ({ first, second, claim }) => `We know this. ${first} ${second} So what is right: ${claim}?`,
    ask: ({ first, second, claim }) => `${claim}? What we know: ${first} ${second}`,
  },
  make(random) {
    const [subject, middle, object] = random.sample(KINDS, 3) as [string, string, string];
    const name = random.pick(NAMES);
    const denied = random.chance(0.5);
    const member = random.chance(0.5);
    const single = (kind: string) => kind.slice(0, -1);
    const first = `All ${subject} are ${middle}.`;
    const second = denied ? `No ${middle} are ${object}.` : `All ${middle} are ${object}.`;
    const claim = member
      ? `${name} is a ${single(subject)}. Is ${name} a ${single(object)}`
      : `Are ${subject} ${object}`;
    return {
      content: { first, second, claim },
      answer: denied ? 'no' : 'yes',
      wrongAnswer: denied ? 'yes' : 'no',
      key: `${subject} ${middle} ${object} ${denied} ${member ? name : ''}`,
      facts: denied ? 'no' : 'yes',
      reasoning: `${subject} are ${middle}, and ${denied ? 'no ' : 'all '}${middle} are ${object}.`,
    };
  },
});

/** Things are passed on; who has which at the end. */
const swaps = defineTask<{ start: string; moves: string; asked: string }>({
  name: 'reasoning/swaps',
  known: {
    plain: ({ start, moves, asked }) => `${start} ${moves} Who has the ${asked} now?`,
    end: ({ start, moves, asked }) => `${start} ${moves} At the end, who has the ${asked}?`,
    follow: ({ start, moves, asked }) => `Follow the things. ${start} ${moves} Who has the ${asked}?`,
    first: ({ start, moves, asked }) => `Who has the ${asked} at the end? ${start} ${moves}`,
  },
  unseen: {
    where: ({ start, moves, asked }) => `${start} ${moves} In the end the ${asked} is with whom?`,
    after: ({ start, moves, asked }) => `${start} Then: ${moves} After that, name who has the ${asked}.`,
  },
  make(random, difficulty) {
    const people = random.sample(NAMES, difficulty === 'easy' ? 2 : 3);
    const things = random.sample(OBJECTS, people.length);
    const has = new Map(people.map((person, at) => [things[at] as string, person]));
    const start = people.map((person, at) => `${person} has the ${things[at]}.`).join(' ');
    const moves: string[] = [];
    for (let move = 0; move < (difficulty === 'easy' ? 1 : 2); move++) {
      const thing = random.pick(things);
      const owner = has.get(thing) as string;
      const taker = random.pick(people.filter((person) => person !== owner));
      moves.push(`${owner} gives the ${thing} to ${taker}.`);
      has.set(thing, taker);
    }
    const asked = random.pick(things);
    const answer = has.get(asked) as string;
    return {
      content: { start, moves: moves.join(' '), asked },
      answer,
      wrongAnswer: people.find((person) => person !== answer) as string,
      key: `${start} ${moves.join(' ')} ${asked}`,
      facts: answer,
      reasoning: moves.join(' '),
    };
  },
});

/** Two things and two people: who has which, then the requested one. */
const elimination = defineTask<{ people: string[]; things: string[]; clue: string; asked: string }>({
  name: 'reasoning/elimination',
  known: {
    plain: ({ people, things, clue, asked }) =>
      `${people.join(' and ')} have ${things.map(withArticle).join(' and ')}. ${clue} What does ${asked} have?`,
    each: ({ people, things, clue, asked }) =>
      `There is ${things.map(withArticle).join(' and ')}. ${people.join(' and ')} each have one. ${clue} What does ${asked} have?`,
    first: ({ people, things, clue, asked }) =>
      `What does ${asked} have? ${people.join(' and ')} have ${things.map(withArticle).join(' and ')}. ${clue}`,
    clue: ({ people, things, clue, asked }) =>
      `${clue} ${people.join(' and ')} have ${things.map(withArticle).join(' and ')}. So what does ${asked} have?`,
  },
  unseen: {
    belongs: ({ people, things, clue, asked }) =>
      `${capitalise(things.map(withArticle).join(' and '))} are with ${people.join(' and ')}. ${clue} Which one is with ${asked}?`,
    tell: ({ people, things, clue, asked }) =>
      `${people.join(' and ')} have one thing each: ${things.map(withArticle).join(' or ')}. ${clue} Tell me what ${asked} has.`,
  },
  make(random, difficulty) {
    const people = random.sample(NAMES, 2);
    const colours = random.sample(COLOURS, 2);
    const animals = random.sample(ANIMALS, 2);
    const things = animals.map((animal, at) => `${colours[at]} ${animal}`);
    const owner = random.integer(0, 1);
    // Person p has thing p; the clue says so outright (easy) or by what somebody does not have (hard).
    const clue =
      difficulty === 'easy'
        ? `${people[owner]} has the ${things[owner]}.`
        : `${people[owner]} does not have the ${things[1 - owner]}.`;
    const asked = random.integer(0, 1);
    return {
      content: { people: random.shuffle(people), things: random.shuffle(things), clue, asked: people[asked] as string },
      answer: `${[owner, 1 - owner].map((at) => `${people[at]} the ${things[at]}`).join(', ')}: the ${things[asked]}`,
      wrongAnswer: `the ${things[1 - asked]}`,
      key: `${people.join(' ')} ${things.join(' ')} ${clue} ${asked}`,
      facts: `the ${things[asked]}`,
      reasoning: clue,
    };
  },
  check: (facts, answer) => sameText(String(facts), conclusion(answer)),
});

const PAIRS = [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
] as const;

/** Two claims joined by "and" or "or" about two statements: the truth of each first, then of both. */
const truth = defineTask<{ facts: string; claim: string }>({
  name: 'reasoning/truth',
  known: {
    plain: ({ facts, claim }) => `${facts} True or false: ${claim}.`,
    after: ({ facts, claim }) => `True or false? ${facts} Then ${claim}.`,
    is: ({ facts, claim }) => `${facts} Is it true that ${claim}? Say true or false.`,
    check: ({ facts, claim }) => `Check this. ${facts} Claim: ${claim}. True or false?`,
  },
  unseen: {
    holds: ({ facts, claim }) => `${facts} Somebody says: ${claim}. Is that true or false?`,
    answer: ({ facts, claim }) => `Answer true or false. ${claim}? You know that ${facts}`,
  },
  make(random, difficulty) {
    const things = random.sample(OBJECTS, 2);
    const colours = random.sample(COLOURS, 3);
    const said = things.map(() => random.integer(0, 2));
    const joint = difficulty === 'easy' ? 'and' : random.pick(['and', 'or']);
    // True as often as false, for "and" and for "or".
    const value = random.chance(0.5);
    const joined = (pair: readonly boolean[]) => (joint === 'and' ? pair.every(Boolean) : pair.some(Boolean));
    const holds = random.pick(PAIRS.filter((pair) => joined(pair) === value));
    const claimed = said.map((colour, at) => (holds[at] ? colour : (colour + random.integer(1, 2)) % 3));
    const sentence = (at: number, colour: number) => `the ${things[at]} is ${colours[colour]}`;
    const facts = `The ${things[0]} is ${colours[said[0] as number]} and ${sentence(1, said[1] as number)}.`;
    const claim = `${sentence(0, claimed[0] as number)} ${joint} ${sentence(1, claimed[1] as number)}`;
    return {
      content: { facts, claim },
      answer: `${holds.join(` ${joint} `)}: ${value}`,
      wrongAnswer: String(!value),
      key: `${facts} ${claim}`,
      facts: String(value),
      reasoning: `The parts are ${holds.join(' and ')}.`,
    };
  },
  check: (facts, answer) => sameText(String(facts), conclusion(answer)),
});

/** The text after the last colon; steps before it are allowed and not judged. */
function conclusion(answer: string): string {
  return (answer.slice(0, 300).split(':').at(-1) as string).trim().replace(/\.$/, '');
}

export const reasoningTasks: readonly Task[] = [order, syllogism, swaps, elimination, truth];
