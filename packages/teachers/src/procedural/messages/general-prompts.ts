import { fillTemplates, type MakeMessages } from './templates.ts';

/**
 * What people ask an assistant that belongs to none of the built-in domains: knowledge, advice, feelings, writing. Written for this
 * file. `@`: a place, `%`: a thing of daily life, `&`: a person, `~`: a subject of science or history.
 */
const TEMPLATES = [
  ...['What is the capital of @?', 'Which language do people speak in @?', 'What should I see in @?'],
  ...['How do I get around in @?', 'Tell me something about @.', 'What is @ famous for?', 'Is it safe to travel to @?'],
  ...['When is the best time to visit @?', 'What do people eat in @?', 'Who governs @?', 'How many people live in @?'],
  ...['Which river flows through @?', 'What currency is used in @?', 'Plan a weekend in @ for me.', 'Why is @ so dry?'],
  ...['I am moving to @ next month. What should I know?', 'What is the history of @ in short?', 'Where exactly is @?'],
  ...['Who was &?', 'When was & born?', 'What did & discover?', 'Why is & famous?', 'What did & believe in?'],
  ...[
    'Tell me about the life of &.',
    'Which books should I read about &?',
    'How did & die?',
    'What would & say today?',
  ],
  ...['Was & a good person?', 'Did & have children?', 'What was the greatest work of &?', 'Give me a quote by &.'],
  ...[
    'How do I make %?',
    'What is a good recipe for %?',
    'Is % healthy?',
    'How do I choose %?',
    'Why do people love %?',
  ],
  ...[
    'How should I store %?',
    'What goes well with %?',
    'Where does % come from?',
    'How is % made?',
    'What is % good for?',
  ],
  ...['My friend gave me %. What do I do with it?', 'Is % bad for my teeth?', 'How much % is too much?', 'I hate %.'],
  ...['Recommend a book about %.', 'Give me some ideas for a party with %.', 'What can I use instead of %?'],
  ...['How does % affect my sleep?', 'Is % expensive?', 'How can I learn more about %?', 'What is your opinion of %?'],
  ...[
    'What is ~?',
    'How does ~ work?',
    'Explain ~ to a ten-year-old.',
    'Why is ~ important?',
    'Who first described ~?',
  ],
  ...['What causes ~?', 'What are the main ideas of ~?', 'Is ~ still a mystery?', 'How did people discover ~?'],
  ...['What is the difference between ~ and ~?', 'Is it true that ~ changes everything?', 'Describe ~ in detail.'],
  ...['Name some experts on ~.', 'What are common mistakes about ~?', 'How does ~ change our lives?', 'Define ~.'],
  ...['Write a short poem about %.', 'Write a poem about @ in autumn.', 'Write a story in which & meets a dragon.'],
  ...['Write an email to my landlord about %.', 'Write a birthday card for my sister.', 'Write a speech about ~.'],
  ...[
    'Tell me a joke about %.',
    'Write a slogan for a shop that sells %.',
    'Write a letter to &.',
    'Invent a myth about ~.',
  ],
  ...['Hello!', 'Hi, how are you today?', 'Good morning.', 'Who are you?', 'What can you do for me?', 'Who made you?'],
  ...[
    'Are you a human?',
    'Do you like %?',
    'What is your favourite place in @?',
    'Can we talk about ~?',
    'Nice to meet you.',
  ],
  ...['I feel sad today.', 'I cannot sleep at night. What helps?', 'How do I make new friends in @?', 'I am bored.'],
  ...['How do I stop worrying about %?', 'My boss is angry with me. What should I say?', 'How can I be more patient?'],
  ...[
    'How do I prepare for a job interview?',
    'Should I quit my job and move to @?',
    'How do I become a better listener?',
  ],
  ...[
    'What should I cook tonight?',
    'What present should I buy for a friend who likes %?',
    'How can I save more money?',
  ],
  ...['Which film should I watch tonight?', 'What are good hobbies besides %?', 'How do I keep a plant alive?'],
  ...[
    'How often should I exercise?',
    'How do I remove a stain of %?',
    'What are the rules of tennis?',
    'Why is the sky blue?',
  ],
  ...[
    'What happened in 19#?',
    'Why did the Roman Empire fall?',
    'How far away is the moon?',
    'What makes a good leader?',
  ],
  ...['What is the meaning of life?', 'Do animals dream?', 'Why do leaves turn red?', 'How do birds find their way?'],
];

const PLACES = [
  ...['France', 'Japan', 'Brazil', 'Canada', 'Egypt', 'Kenya', 'India', 'Norway', 'Peru', 'Italy', 'Vietnam', 'Poland'],
  ...[
    'Paris',
    'Tokyo',
    'Cairo',
    'Lisbon',
    'Mexico City',
    'Sydney',
    'Istanbul',
    'Chicago',
    'Seoul',
    'Vienna',
    'Mongolia',
  ],
];
const THINGS = [
  ...['coffee', 'bread', 'olive oil', 'chocolate', 'a cat', 'a bicycle', 'gardening', 'tea', 'cheese', 'a good pillow'],
  ...['running', 'yoga', 'a guitar', 'tomato soup', 'pancakes', 'honey', 'a winter coat', 'red wine', 'salt', 'a tent'],
  ...['social media', 'chess', 'a used car', 'a dog', 'garlic', 'painting', 'dancing', 'ice cream', 'camping', 'soap'],
];
const PEOPLE = [
  ...['Marie Curie', 'Isaac Newton', 'Cleopatra', 'Mozart', 'Nelson Mandela', 'Leonardo da Vinci', 'Frida Kahlo'],
  ...['Charles Darwin', 'Ada Lovelace', 'Gandhi', 'Shakespeare', 'Napoleon', 'Amelia Earhart', 'Galileo', 'Socrates'],
];
const SUBJECTS = [
  ...['gravity', 'photosynthesis', 'democracy', 'inflation', 'evolution', 'the Renaissance', 'climate change', 'DNA'],
  ...['electricity', 'a black hole', 'the immune system', 'plate tectonics', 'philosophy', 'the Cold War', 'a vaccine'],
  ...['the Big Bang', 'globalization', 'the stock market', 'jazz', 'memory', 'the industrial revolution', 'relativity'],
];

/**
 * Prompts of no domain, of which the router learns what the base alone answers, whatever data a recipe has. Split and result as
 * `fillTemplates`.
 */
export function makeGeneralPrompts(wanted: MakeMessages): string[] {
  return fillTemplates(
    {
      ...{ name: 'general-prompts', templates: TEMPLATES },
      words: { '@': PLACES, '%': THINGS, '&': PEOPLE, '~': SUBJECTS },
      // People write to assistants without capitals and marks as well.
      finish: (text, random) => (random.next() < 0.2 ? text.toLowerCase().replace(/[.?!]$/, '') : text),
    },
    wanted,
  );
}
