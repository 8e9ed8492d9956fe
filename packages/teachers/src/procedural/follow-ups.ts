import { createRandom, type Random } from '@cogumi/pure';
import { isTestFact } from './split.ts';

/** Words that a conversation puts before a message. The empty ones make up a half, because most messages begin at once. */
const OPENERS = [
  '',
  '',
  '',
  '',
  '',
  '',
  'now ',
  'ok, now ',
  'and now ',
  'no, ',
  'great, ',
  'hmm, ',
  'please ',
  'then ',
];

/** What asks for another answer, asks back, or reacts. `#`: a number, `@`: a thing. Written for this file. */
const MESSAGES = [
  ...['change it to #', 'make it #', 'use # instead', 'replace it with #', 'replace # by #', 'set it to times #'],
  ...['multiply it by #', 'add # to it', 'take # away', 'make it shorter', 'make it a bit longer', 'make it simpler'],
  ...[
    'do it again',
    'do it differently',
    'do it once more',
    'do the same for @',
    'do the same with #',
    'rename it to @',
  ],
  ...['call it @', 'explain it', 'explain your answer', 'explain that step by step', 'explain the second part'],
  ...['fix that', 'correct it', 'correct the last line', 'say it in one sentence', 'say it in other words'],
  ...[
    'write it differently',
    'write it without @',
    'add a comment',
    'add @ as well',
    'remove the last one',
    'remove @',
  ],
  ...[
    'sort it the other way',
    'swap them',
    'start with #',
    'add one more',
    'another example',
    'show me another example',
  ],
  ...[
    'two more of these',
    'use a different name',
    'use @',
    'use shorter words',
    'only the first one',
    'just the result',
  ],
  ...[
    'without @',
    'with # of them',
    'with @ too',
    'turn it into a list',
    'turn it around',
    'translate it',
    'keep the first part',
  ],
  ...[
    'go on',
    'continue',
    'repeat that',
    'check it again',
    'show the steps',
    'leave out @',
    'try it with #',
    'try something else',
  ],
  ...['let it return # instead', 'let it take @', 'handle @ too', 'what about #?', 'what about @?', 'what if it is #?'],
  ...[
    'what if there are # more?',
    'what if it had @?',
    'and for #?',
    'and with @?',
    'and without @?',
    'and the other one?',
  ],
  ...['how so?', 'how?', 'how do you know?', 'how did that work?', 'why is that?', 'why not #?', 'why #?', 'really?'],
  ...['is that right?', 'is that all?', 'is there a shorter way?', 'is it still the same with #?', 'are there others?'],
  ...[
    'what does that mean?',
    'what do you mean?',
    'what comes next?',
    'what was the first one?',
    'who was that?',
    'which one?',
  ],
  ...['the second one?', 'does it work with @?', 'does that change with #?', 'could it be #?', 'could you shorten it?'],
  ...['can you do it without @?', 'can you explain that?', 'can you make it faster?', 'where does the # come from?'],
  ...[
    'that is not what I asked',
    'that is wrong',
    'that is not right',
    'that is too long',
    'that looks wrong',
    'this is not it',
  ],
  ...[
    'it should be #',
    'it is still wrong',
    'it does not work',
    'it fails for #',
    'not quite',
    'not that one',
    'I meant #',
  ],
  ...['I meant @', 'I meant the other one', 'I do not understand', 'I do not get it', 'I wanted @', 'you forgot @'],
  ...[
    'you forgot the last one',
    'you said # before',
    'thank you',
    'perfect',
    'ok',
    'yes',
    'yes, please',
    'no',
    'good, one more',
  ],
];

const THINGS = [
  'strings',
  'words',
  'numbers',
  'lists',
  'a table',
  'names',
  'letters',
  'the colour',
  'minus',
  'an empty one',
];

/** Questions and requests that need no conversation, unlike those of the tasks: of any subject, in few words. `@`: a subject. */
const OPENINGS = [
  ...['Who discovered @?', 'Who painted @?', 'Who lives near @?', 'Who was the first to see @?', 'What is @ made of?'],
  ...['What is the largest @?', 'What is the name of @?', 'What is special about @?', 'What is @ called in French?'],
  ...[
    'What do you know about @?',
    'Where does @ come from?',
    'Where can I find @?',
    'Where is @?',
    'When was @ found?',
  ],
  ...['When does @ begin?', 'How old is @?', 'How big is @?', 'How much does @ cost?', 'How long does @ last?'],
  ...['How many kinds of @ are there?', 'How do I get to @?', 'How do people make @?', 'Why is @ important?'],
  ...[
    'Why do people like @?',
    'Is @ dangerous?',
    'Is @ older than # years?',
    'Are there # kinds of @?',
    'Does @ have a colour?',
  ],
  ...[
    'Can a child eat @?',
    'Which country has @?',
    'Which colour has @?',
    'Which month is best for @?',
    'Which bird likes @?',
  ],
  ...[
    'Write a story about @.',
    'Write a letter about @.',
    'Write # lines about @.',
    'Write a song about @.',
    'Tell me about @.',
  ],
  ...[
    'Tell me a joke about @.',
    'Describe @.',
    'Describe @ to a child.',
    'Explain @ to me.',
    'Explain how @ works.',
    'Define @.',
  ],
  ...[
    'List # facts about @.',
    'List the parts of @.',
    'Name # kinds of @.',
    'Name a book about @.',
    'Give me # names for @.',
  ],
  ...[
    'Compare @ with a stone.',
    'Draw a picture of @.',
    'Translate "@" into German.',
    'Find a word that rhymes with @.',
  ],
  ...['Summarize what is known about @.', 'Plan a trip to @.', 'Open the page about @.', 'Search the web for @.'],
  ...[
    'Set an alarm for # minutes.',
    'Send a message about @ to Anna.',
    'Book a table for # people.',
    'Compute # plus #.',
  ],
  ...[
    'Divide # by #.',
    'What is # minus #?',
    'What is half of #?',
    'How much is # times #?',
    'A box holds # of @. How many are in # boxes?',
  ],
  ...[
    'Write a function that counts @.',
    'Write a program that prints @.',
    'Sort the numbers #, # and #.',
    'If all @ are old, is @ old?',
  ],
];

const SUBJECTS = [
  ...[
    'the moon',
    'the sea',
    'snow',
    'gold',
    'Rome',
    'Japan',
    'Mount Everest',
    'Newton',
    'Mozart',
    'a river',
    'a volcano',
  ],
  ...[
    'bread',
    'coffee',
    'music',
    'chess',
    'football',
    'winter',
    'a horse',
    'an owl',
    'bees',
    'roses',
    'the heart',
    'iron',
  ],
  ...[
    'electricity',
    'a computer',
    'a bridge',
    'a violin',
    'the alphabet',
    'time',
    'money',
    'Africa',
    'the Nile',
    'ice cream',
  ],
];

/** Most draws for each message before the templates count as exhausted (chosen). */
const MOST_DRAWS = 200;

export interface MakeMessages {
  readonly count: number;
  readonly split: 'train' | 'test';
  readonly seed: number | string;
}

/**
 * Messages that continue a conversation and say nothing by themselves, such as `and what about 7?`. A message belongs to the
 * test split by its template, so that no template is both learned and tested.
 *
 * @returns At most `count` different messages; fewer if the templates give no more.
 */
export function makeFollowUps({ count, split, seed }: MakeMessages): string[] {
  const random = createRandom(`${seed}/follow-ups`);
  const templates = ofSplit(MESSAGES, split);
  return distinct(count, () => {
    const text = random.pick(OPENERS) + fill(random.pick(templates), THINGS, random);
    return random.next() < 0.5 ? (text[0] as string).toUpperCase() + text.slice(1) : text;
  });
}

/** Short messages that begin a subject of their own, the opposite of follow-ups. Split and result as `makeFollowUps`. */
export function makeOpenings({ count, split, seed }: MakeMessages): string[] {
  const random = createRandom(`${seed}/openings`);
  const templates = ofSplit(OPENINGS, split);
  return distinct(count, () => {
    const text = fill(random.pick(templates), SUBJECTS, random);
    return random.next() < 0.3 ? (text[0] as string).toLowerCase() + text.slice(1) : text;
  });
}

function ofSplit(templates: readonly string[], split: 'train' | 'test'): string[] {
  return templates.filter((template) => isTestFact('follow-ups', template) === (split === 'test'));
}

function fill(template: string, things: readonly string[], random: Random): string {
  return template
    .replace(/#/g, () => String(2 + Math.floor(random.next() * 40)))
    .replace(/@/g, () => random.pick(things));
}

function distinct(count: number, draw: () => string): string[] {
  const found = new Set<string>();
  for (let drawn = 0; found.size < count && drawn < count * MOST_DRAWS; drawn++) found.add(draw());
  return [...found];
}
