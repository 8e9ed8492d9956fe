import type { Question } from '@cogumi/contracts';
import { BY_SIZE, KINDS } from '../procedural/common-sense/knowledge.ts';
import { ANIMALS, COLOURS, DAYS, JOBS, NAMES, OBJECTS, PLACES, TIMES, WORDS } from '../procedural/words/words.ts';
import type { Choices } from './extract-choice.ts';

/** Kinds of things that a text of `reading` is asked about, the more telling first: a brown bear is a bear. */
const ASKED_KINDS = [NAMES, PLACES, ANIMALS, OBJECTS, JOBS, DAYS, TIMES, COLOURS];

/** What an answer to a question of a built-in task may name, as its checker takes it; null: anything. */
export function choicesOf({ task, question, difficulty, facts }: Question): Choices | null {
  switch (task) {
    case 'reasoning/order':
      return {
        choices: (facts as { people: string[] }).people,
        about: /\b\w+est\b/.exec(question)?.[0] ?? null,
      };
    case 'reasoning/swaps': {
      const asked = /who has the (\w+)|the (\w+) is with whom/i.exec(question);
      return { choices: namedIn(question, NAMES), about: asked?.[1] ?? asked?.[2] ?? null };
    }
    case 'reasoning/elimination':
      return { choices: thingsIn(question), about: [...question.matchAll(ASKED_PERSON)].at(-1)?.[1] ?? null };
    case 'common_sense/size':
      return { choices: namedIn(question, BY_SIZE).map((animal) => `the ${animal}`) };
    case 'common_sense/odd-one-out':
      return { choices: namedIn(question, Object.values(KINDS).flat()) };
    case 'instruction_following/first-word':
    case 'instruction_following/last-word':
      return { choices: namedIn(question, WORDS), about: task.slice('instruction_following/'.length, -'-word'.length) };
  }
  if (task.startsWith('reading/')) return readingChoices(question, String(facts));
  if (!task.startsWith('common_sense/')) return null;
  const offered = /Choose: (.+)\.$/.exec(question)?.[1];
  return { choices: difficulty === 'hard' && offered ? offered.split(', ') : [String(facts)] };
}

const ASKED_PERSON = /\b(?:does|with|what) ([A-Z][a-z]+)\b/g;
const THING = new RegExp(`\\b(${COLOURS.join('|')}) (${ANIMALS.join('|')})\\b`, 'g');

/** The coloured animals of a question, and those of each other's colour: who mixes them up names what is not there. */
function thingsIn(question: string): string[] {
  const things = [...question.matchAll(THING)];
  return [...new Set(things.flatMap(([, colour]) => things.map(([, , animal]) => `the ${colour} ${animal}`)))];
}

/** Members of the kind that the expected answer is of, where the text has them; the right one as it is expected. */
function readingChoices(question: string, expected: string): Choices {
  for (const kind of ASKED_KINDS) {
    const right = namedIn(expected, kind)[0];
    if (right === undefined) continue;
    return {
      choices: namedIn(question, kind).map((name) => (name === right ? expected : name)),
      names: new Map([[expected, right]]),
    };
  }
  return { choices: [expected] };
}

/** Those words of a list that a text has, in the order of the list. */
function namedIn(text: string, list: readonly string[]): string[] {
  const words = new Set(text.match(/\p{L}+/gu));
  return [...new Set(list)].filter((one) => (one.includes(' ') ? text.includes(one) : words.has(one)));
}
