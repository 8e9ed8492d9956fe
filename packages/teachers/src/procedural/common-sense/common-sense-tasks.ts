import type { Random } from '@cogumi/pure';
import { defineTask } from '../define-task.ts';
import type { Task } from '../task.ts';
import { capitalise, NAMES, withArticle } from '../words/words.ts';
import { ALSO_RIGHT, BY_SIZE, EFFECTS, FOUND, KINDS, OPPOSITES, USES } from './knowledge.ts';

/** Hard questions offer three answers. The name in a question makes many questions of one fact. */
interface Content {
  readonly what: string;
  readonly name: string;
  readonly choice: string;
}

function fromTable(random: Random, table: readonly (readonly [string, string])[], hard: boolean) {
  const [what, answer] = random.pick(table);
  const others = random.sample(
    [...new Set(table.map(([, other]) => other))].filter(
      (other) => other !== answer && !ALSO_RIGHT[what]?.includes(other),
    ),
    2,
  );
  const options = random.shuffle([answer, ...others]);
  const name = random.pick(NAMES);
  return {
    content: { what, name, choice: hard ? ` Choose: ${options.join(', ')}.` : '' },
    answer,
    wrongAnswer: others[0] as string,
    key: `${what} ${name} ${hard ? options.join() : ''}`,
    facts: answer,
  };
}

const uses = defineTask<Content>({
  name: 'common_sense/uses',
  known: {
    wants: ({ what, name, choice }) => `${name} wants to ${what}. What does ${name} need?${choice}`,
    need: ({ what, name, choice }) => `What does ${name} need to ${what}?${choice}`,
    use: ({ what, name, choice }) => `To ${what}, what will ${name} use?${choice}`,
    take: ({ what, name, choice }) => `${name} is going to ${what}. What should ${name} take?${choice}`,
  },
  unseen: {
    help: ({ what, name, choice }) => `What would help ${name} to ${what}?${choice}`,
    must: ({ what, name, choice }) => `If ${name} must ${what}, what is needed?${choice}`,
  },
  make: (random, difficulty) => fromTable(random, USES, difficulty === 'hard'),
});

const opposites = defineTask<Content>({
  name: 'common_sense/opposite',
  known: {
    asks: ({ what, name, choice }) => `${name} asks: what is the opposite of ${what}?${choice}`,
    not: ({ what, name, choice }) => `${name} says ${what}. What is the opposite?${choice}`,
    opposite: ({ what, name, choice }) => `Tell ${name} the opposite of ${what}.${choice}`,
    word: ({ what, name, choice }) => `${name} needs a word that means the opposite of ${what}.${choice}`,
  },
  unseen: {
    other: ({ what, name, choice }) => `For ${name}: ${what} has which opposite?${choice}`,
    think: ({ what, name, choice }) => `Think of ${what}. Which opposite word should ${name} use?${choice}`,
  },
  make: (random, difficulty) => fromTable(random, OPPOSITES, difficulty === 'hard'),
});

const found = defineTask<Content>({
  name: 'common_sense/found',
  known: {
    where: ({ what, name, choice }) => `Where can ${name} find ${what}?${choice}`,
    looks: ({ what, name, choice }) => `${name} is looking for ${what}. Where should ${name} go?${choice}`,
    sees: ({ what, name, choice }) => `${name} sees ${what}. Where is ${name}?${choice}`,
    place: ({ what, name, choice }) => `In which place will ${name} see ${what}?${choice}`,
  },
  unseen: {
    usual: ({ what, name, choice }) => `${name} wants to see ${what}. Where is it found?${choice}`,
    send: ({ what, name, choice }) => `Where would you send ${name} to see ${what}?${choice}`,
  },
  make: (random, difficulty) => fromTable(random, FOUND, difficulty === 'hard'),
});

const effects = defineTask<Content>({
  name: 'common_sense/effect',
  known: {
    what: ({ what, name, choice }) => `${name} asks: what happens if ${what}?${choice}`,
    when: ({ what, name, choice }) => `Tell ${name} what happens when ${what}.${choice}`,
    if: ({ what, name, choice }) => `If ${what}, what happens? ${name} wants to know.${choice}`,
    say: ({ what, name, choice }) => `${name} says: ${what}. What happens then?${choice}`,
  },
  unseen: {
    next: ({ what, name, choice }) => `Suppose ${what}. What will ${name} see next?${choice}`,
    result: ({ what, name, choice }) => `${name} wants to know the end of this: ${what}, and then?${choice}`,
  },
  make: (random, difficulty) => fromTable(random, EFFECTS, difficulty === 'hard'),
});

const size = defineTask<{ animals: string[]; asked: string; name: string }>({
  name: 'common_sense/size',
  known: {
    which: ({ animals, asked, name }) => `${name} asks which is ${asked}: ${animals.map(withArticle).join(' or ')}?`,
    what: ({ animals, asked, name }) => `What is ${asked}, ${animals.map(withArticle).join(' or ')}? Tell ${name}.`,
    sees: ({ animals, asked, name }) => `${name} sees ${animals.map(withArticle).join(' and ')}. Which is ${asked}?`,
    compare: ({ animals, asked, name }) =>
      `For ${name}, compare ${animals.map(withArticle).join(' and ')}. Which is ${asked}?`,
  },
  unseen: {
    one: ({ animals, asked, name }) =>
      `${capitalise(animals.map(withArticle).join(', '))}: ${name} wants the ${asked.replace('the ', '')} one. Which is it?`,
    know: ({ animals, asked, name }) => `Does ${name} know which is ${asked}, the ${animals.join(' or the ')}?`,
  },
  make(random, difficulty) {
    const animals = random.sample(BY_SIZE, difficulty === 'easy' ? 2 : 3);
    const bigger = random.chance(0.5);
    const sorted = animals.toSorted((left, right) => BY_SIZE.indexOf(left) - BY_SIZE.indexOf(right));
    const answer = `the ${bigger ? sorted.at(-1) : sorted[0]}`;
    const name = random.pick(NAMES);
    const asked = animals.length === 2 ? (bigger ? 'bigger' : 'smaller') : bigger ? 'the biggest' : 'the smallest';
    return {
      content: { animals, asked, name },
      answer,
      wrongAnswer: `the ${bigger ? sorted[0] : sorted.at(-1)}`,
      key: `${animals.join(' ')} ${asked} ${name}`,
      facts: answer,
    };
  },
});

const odd = defineTask<{ words: string[] }>({
  name: 'common_sense/odd-one-out',
  known: {
    which: ({ words }) => `Which one does not belong: ${words.join(', ')}?`,
    odd: ({ words }) => `Find the odd one out: ${words.join(', ')}.`,
    not: ({ words }) => `${words.join(', ')}. One is not like the others. Which?`,
    wrong: ({ words }) => `What does not fit here? ${words.join(', ')}`,
  },
  unseen: {
    pick: ({ words }) => `Look at ${words.join(', ')} and name the one that does not fit.`,
    differs: ({ words }) => `One of these is of another kind: ${words.join(', ')}. Tell me which.`,
  },
  make(random, difficulty) {
    const [kind, other] = random.sample(Object.keys(KINDS), 2) as [string, string];
    const same = random.sample(KINDS[kind] as readonly string[], difficulty === 'easy' ? 2 : 4);
    const answer = random.pick(KINDS[other] as readonly string[]);
    const words = random.shuffle([...same, answer]);
    return { content: { words }, answer, wrongAnswer: same[0] as string, key: words.join(' '), facts: answer };
  },
});

export const commonSenseTasks: readonly Task[] = [uses, opposites, found, effects, size, odd];
