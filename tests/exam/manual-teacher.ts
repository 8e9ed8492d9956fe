import type { Message } from '@cogumi/contracts';

/** A fact of examples/support/manual.md: the words that prove it, a short answer, the words of both that make a reply right. */
interface Fact {
  readonly quote: string;
  readonly answer: string;
  readonly accepted: string;
  readonly questions: readonly string[];
}

/** What a careful reader would ask of the manual, written by hand; each fact asked in five wordings. */
const FACTS: readonly Fact[] = [
  {
    quote: 'A note lives on exactly one shelf.',
    answer: 'A note lives on exactly one shelf.',
    accepted: 'one shelf',
    questions: [
      'On how many shelves can a note be?',
      'Can I put a note on several shelves?',
      'Where does a note live?',
      'May the same note stand in two places?',
      'How many shelves does a note have in Quillbox?',
    ],
  },
  {
    quote: 'drag a note onto a shelf to move it',
    answer: 'Drag the note onto a shelf to move it.',
    accepted: 'onto a shelf',
    questions: [
      'How do I move a note?',
      'How can a note be put somewhere else?',
      'I want my note in another place. What do I do?',
      'How are notes sorted by hand?',
      'What moves a note in Quillbox?',
    ],
  },
  {
    quote: 'A shelf holds at most two hundred notes',
    answer: 'A shelf holds at most two hundred notes.',
    accepted: 'two hundred',
    questions: [
      'How many notes fit on a shelf?',
      'What is the limit of a shelf?',
      'When is a shelf full?',
      'How large can a shelf get?',
      'How many notes may I keep on one shelf of Quillbox?',
    ],
  },
  {
    quote: 'a full shelf turns its label orange',
    answer: 'The label of a full shelf turns orange.',
    accepted: 'orange',
    questions: [
      'How do I see that a shelf is full?',
      'Which colour does a full shelf have?',
      'My shelf has no room. What shows it?',
      'What happens to the label of a full shelf?',
      'How does Quillbox mark a shelf without room?',
    ],
  },
  {
    quote: 'Press Ctrl+Shift+N to start a new note from anywhere.',
    answer: 'Press Ctrl+Shift+N.',
    accepted: 'Ctrl+Shift+N',
    questions: [
      'Which keys start a new note?',
      'How do I begin a note from anywhere?',
      'What is the shortcut for a new note?',
      'How do I write a note without the mouse?',
      'Tell me the keys for a fresh note in Quillbox.',
    ],
  },
  {
    quote: 'named after its first seven words',
    answer: 'It is named after its first seven words.',
    accepted: 'first seven words',
    questions: [
      'What is a note without a title called?',
      'I closed a note without a title. What is its name?',
      'How does Quillbox name notes?',
      'Where does the name of an untitled note come from?',
      'Must I give a note a title?',
    ],
  },
  {
    quote: 'Pin a note with Alt+P.',
    answer: 'Pin it with Alt+P.',
    accepted: 'Alt+P',
    questions: [
      'How do I pin a note?',
      'Which keys pin a note?',
      'What is the shortcut for pinning?',
      'I want a note to stay on top. What do I press?',
      'How are notes pinned in Quillbox?',
    ],
  },
  {
    quote: 'Up to twelve notes can be pinned at once',
    answer: 'Up to twelve notes can be pinned.',
    accepted: 'twelve',
    questions: [
      'How many notes can I pin?',
      'What is the limit of pinned notes?',
      'Can I pin all my notes?',
      'How many pins are there?',
      'How many notes may be on top in Quillbox?',
    ],
  },
  {
    quote: 'A pinned note cannot be deleted before it is unpinned.',
    answer: 'It must be unpinned first.',
    accepted: 'unpinned',
    questions: [
      'Why can I not delete my pinned note?',
      'How do I delete a pinned note?',
      'My note refuses to be deleted. Why?',
      'What must I do before I delete a note that is pinned?',
      'Does Quillbox delete pinned notes?',
    ],
  },
  {
    quote: 'Quillbox synchronizes every ninety seconds while it is open.',
    answer: 'It synchronizes every ninety seconds.',
    accepted: 'ninety seconds',
    questions: [
      'How often does Quillbox synchronize?',
      'When are my notes sent to the cloud?',
      'How long until my devices agree?',
      'What is the interval of the sync?',
      'How often are notes synchronized?',
    ],
  },
  {
    quote: 'The cloud icon turns grey when the last attempt failed',
    answer: 'The cloud icon turns grey.',
    accepted: 'grey',
    questions: [
      'How do I see that the sync failed?',
      'What colour has the cloud icon after a failure?',
      'What shows a failed sync?',
      'My notes do not arrive. What does the cloud icon look like?',
      'How does Quillbox show that it could not sync?',
    ],
  },
  {
    quote: 'are kept side by side as a fork',
    answer: 'Both changes are kept as a fork.',
    accepted: 'fork',
    questions: [
      'I changed a note on two devices at once. What happens?',
      'What becomes of changes that conflict?',
      'Do I lose changes made in the same minute?',
      'How are two versions of a note kept?',
      'What does Quillbox do on a conflict?',
    ],
  },
  {
    quote: 'The free plan keeps notes for three devices.',
    answer: 'The free plan is for three devices.',
    accepted: 'three devices',
    questions: [
      'How many devices has the free plan?',
      'What does the free plan offer?',
      'On how many devices can I use it free?',
      'Is my fourth device free?',
      'How many devices may a free user of Quillbox have?',
    ],
  },
  {
    quote: 'Plus costs four euros a month',
    answer: 'Plus costs four euros a month.',
    accepted: 'four euros',
    questions: [
      'What does Plus cost?',
      'How much is Plus?',
      'What is the price of the paid plan?',
      'How much do I pay a month?',
      'What does Quillbox Plus cost each month?',
    ],
  },
  {
    quote: 'adds attachments of up to fifty megabytes',
    answer: 'Attachments of up to fifty megabytes.',
    accepted: 'fifty megabytes',
    questions: [
      'How large can an attachment be?',
      'What does Plus add?',
      'Can I attach a large file?',
      'What is the limit for attachments?',
      'How big a file does Quillbox Plus take?',
    ],
  },
  {
    quote: 'Students get Plus at half price with a school address.',
    answer: 'Students pay half price.',
    accepted: 'half price',
    questions: [
      'Is there a discount for students?',
      'What do students pay for Plus?',
      'I go to school. Is it cheaper?',
      'What is the student offer?',
      'How much less is Quillbox Plus for pupils?',
    ],
  },
  {
    quote: 'Refunds are possible within twenty-one days through the billing page.',
    answer: 'Within twenty-one days, through the billing page.',
    accepted: 'twenty-one days',
    questions: [
      'Until when can I get a refund?',
      'How long are refunds possible?',
      'I want my money back. Is it too late?',
      'What is the time limit for a refund?',
      'How many days does Quillbox give for refunds?',
    ],
  },
  {
    quote: 'save all notes as one Markdown archive named quillbox-export.zip',
    answer: 'Choose File, then Export; it is named quillbox-export.zip.',
    accepted: 'quillbox-export.zip',
    questions: [
      'What is the archive of all notes called?',
      'Which file does an export write?',
      'How do I save all notes?',
      'Where are my notes after an export?',
      'What does Quillbox export?',
    ],
  },
  {
    quote: 'Deleted notes stay in the basement for thirty days',
    answer: 'For thirty days.',
    accepted: 'thirty days',
    questions: [
      'How long are deleted notes kept?',
      'Until when can I restore a note?',
      'When is a deleted note gone for good?',
      'I deleted a note last week. Is it still there?',
      'For how long does Quillbox keep what I deleted?',
    ],
  },
];

/** A teacher that knows the manual: of a passage it gives the facts that stand in it, in the form that the stage asks for. */
export function teachManual(messages: readonly Message[]): string {
  const passage = (messages.at(-1)?.content ?? '').replaceAll(/\s+/g, ' ');
  return JSON.stringify({ facts: FACTS.filter(({ quote }) => passage.includes(quote)) });
}
