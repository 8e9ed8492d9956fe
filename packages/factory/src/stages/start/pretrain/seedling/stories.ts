import type { Random } from '@cogumi/pure';
import {
  ANIMALS,
  atPlace,
  COLOURS,
  capitalise,
  MEALS,
  NAMES,
  OBJECTS,
  PLACES,
  withArticle,
} from '@cogumi/teachers/procedural/words';

/** The elements of a story, which a request for it can name. */
export interface StoryPlan {
  readonly name: string;
  readonly animal: string;
  readonly object: string;
  readonly place: string;
}

const WOMEN = new Set(
  'Ada Alice Amy Anna Ann Cara Clara Dana Dora Ella Emma Eva Gina Grace Hana Ida Iris Jane Julia Kate Kim Lara Lena Lily Lisa Lucy Mara Maria Mary Mia Mina Nina Nora Olga Pam Rita Rosa Ruth Sara Sofia Sue Tara Tina Uma Vera Wendy Yara Zoe Yuki Maya Nadia Elsa Greta Molly'.split(
    ' ',
  ),
);

export function planStory(random: Random): StoryPlan {
  return {
    name: random.pick(NAMES),
    animal: random.pick(ANIMALS),
    object: random.pick(OBJECTS),
    place: random.pick(PLACES),
  };
}

/** A story of seven to twelve sentences: a child loses or breaks a loved object, gets help, and all ends well. */
export function tellStory({ name, animal, object, place }: StoryPlan, random: Random): string {
  const woman = WOMEN.has(name);
  const [she, her, hers] = woman ? ['she', 'her', 'her'] : ['he', 'him', 'his'];
  const She = capitalise(she);
  const colour = random.pick(COLOURS);
  const food = random.pick(MEALS);
  const friend = random.pick(NAMES.filter((other) => other !== name));
  const child = woman ? 'girl' : 'boy';
  const size = random.pick(['little', 'small', 'kind', 'young', 'brave', 'happy']);
  const kindAnimal = random.pick(['old', 'big', 'small', 'kind', 'funny', 'wise']);

  const opening = random.pick([
    `Once upon a time there was a ${size} ${child} called ${name}.`,
    `One day a ${size} ${child} called ${name} went to the ${place}.`,
    `${name} was a ${size} ${child} who lived near the ${place}.`,
    `There was once a ${child} whose name was ${name}.`,
  ]);
  const treasure = random.pick([
    `${She} had ${withArticle(colour)} ${object} and loved it very much.`,
    `${She} played with ${hers} ${colour} ${object} every day.`,
    `${capitalise(hers)} best thing was ${withArticle(colour)} ${object}.`,
  ]);
  const broken = random.chance(0.3);
  const trouble = broken
    ? random.pick([`Then the ${object} fell down and broke.`, `But one day the ${object} broke.`])
    : random.pick([
        `But one morning the ${object} was gone.`,
        `One day ${she} lost the ${object} ${atPlace(place)}.`,
        `But the wind took the ${object} away.`,
      ]);
  const feeling = random.pick([
    `${name} was very sad.`,
    `${name} began to cry.`,
    `${She} did not know what to do.`,
    `"Oh no," said ${name}.`,
  ]);
  const meeting = random.pick([
    `Then ${she} met ${withArticle(kindAnimal)} ${animal}.`,
    `${capitalise(atPlace(place))} ${she} saw ${withArticle(kindAnimal)} ${animal}.`,
    `${withArticle(kindAnimal).replace(/^a/, 'A')} ${animal} came by.`,
  ]);
  const talk = random.pick([
    `"Why are you so sad?" asked the ${animal}. "${broken ? `My ${object} is broken` : `I want my ${object} back`}," said ${name}.`,
    `"Can you help me?" asked ${name}. "Yes, I can," said the ${animal}.`,
    `"Do not cry," said the ${animal}. "I will help you."`,
    `The ${animal} looked at ${her} and said, "Come with me."`,
  ]);
  const work = broken
    ? random.pick([
        `They sat down and began to mend the ${object}.`,
        `They worked and worked until it was dark.`,
        `${friend} came too, and they mended it together.`,
        `The ${animal} held the ${object} and ${name} put it together.`,
      ])
    : random.pick([
        `They looked ${atPlace(place)} and under a tree.`,
        `They walked and walked until it was dark.`,
        `${friend} came too, and they looked everywhere.`,
        `The ${animal} ran fast and ${name} ran behind.`,
      ]);
  const ending = broken
    ? random.pick([
        `Soon the ${object} was as good as new.`,
        `At last the ${object} was whole, and ${name} was happy again.`,
      ])
    : random.pick([
        `At last they found the ${object}, and ${name} was happy again.`,
        `There was the ${colour} ${object}! ${name} laughed.`,
        `Then ${name} saw the ${object} and took it home.`,
      ]);
  const thanks = random.pick([
    `${She} gave the ${animal} some ${food}, and they were friends.`,
    `From that day ${name} and the ${animal} were best friends.`,
    `They ate ${food} together and went to sleep.`,
    `And ${she} never forgot the ${kindAnimal} ${animal}.`,
  ]);
  const middle = random.chance(0.7) ? [meeting, talk, work] : [meeting, talk];
  const sentences = [opening, treasure, trouble, ...(random.chance(0.8) ? [feeling] : []), ...middle, ending, thanks];
  // A request can name the place, so the story must contain it.
  if (!sentences.some((sentence) => sentence.includes(place)))
    sentences.splice(1, 0, `${She} lived near the ${place}.`);
  return sentences.join(' ');
}

const REQUESTS: readonly ((plan: StoryPlan) => string)[] = [
  ({ name, animal }) => `Tell me a story about ${name} and ${withArticle(animal)}.`,
  ({ object }) => `Tell me a story about ${withArticle(object)}.`,
  ({ name }) => `Tell a short story about ${name}.`,
  ({ animal, place }) => `Write a story with ${withArticle(animal)} ${atPlace(place)}.`,
  () => 'Tell me a story.',
  ({ name, object }) => `I want to hear a story of ${name} and the ${object}.`,
];

export function askForStory(plan: StoryPlan, random: Random): string {
  return random.pick(REQUESTS)(plan);
}
