import { fillTemplates, type MakeMessages } from './templates.ts';

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

/**
 * Messages that continue a conversation and say nothing by themselves, such as `and what about 7?`. Split and result as
 * `fillTemplates`.
 */
export function makeFollowUps(wanted: MakeMessages): string[] {
  return fillTemplates(
    {
      ...{ name: 'follow-ups', templates: MESSAGES, words: { '@': THINGS } },
      finish: (filled, random) => {
        const text = random.pick(OPENERS) + filled;
        return random.next() < 0.5 ? (text[0] as string).toUpperCase() + text.slice(1) : text;
      },
    },
    wanted,
  );
}
