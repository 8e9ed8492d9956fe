import { fillTemplates, type MakeMessages } from './templates.ts';

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

/** Short messages that begin a subject of their own, the opposite of follow-ups. Split and result as `fillTemplates`. */
export function makeOpenings(wanted: MakeMessages): string[] {
  return fillTemplates(
    {
      ...{ name: 'openings', templates: OPENINGS, words: { '@': SUBJECTS } },
      finish: (text, random) => (random.next() < 0.3 ? (text[0] as string).toLowerCase() + text.slice(1) : text),
    },
    wanted,
  );
}
