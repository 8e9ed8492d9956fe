import type { Random } from '@cogumi/pure';
import { DAYS, FOODS, NAMES, OBJECTS, PLACES } from '../words/words.ts';

/** A parameter of a tool: its JSON type and how a request draws its value. */
export interface Parameter {
  readonly type: 'string' | 'integer';
  draw(random: Random): string | number;
}

export interface Tool {
  readonly name: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Requests in everyday words; `unseen` ones are held out for tests. */
  readonly known: readonly ((values: Readonly<Record<string, string | number>>) => string)[];
  readonly unseen: readonly ((values: Readonly<Record<string, string | number>>) => string)[];
}

const text = (words: readonly string[]): Parameter => ({ type: 'string', draw: (random) => random.pick(words) });
const number = (least: number, most: number): Parameter => ({
  type: 'integer',
  draw: (random) => random.integer(least, most),
});
const TOPICS = ['work', 'school', 'lunch', 'dinner', 'music', 'sport', 'a walk', 'a party', 'the train', 'tea'];

/** Tools of a home assistant. */
export const tools: readonly Tool[] = [
  {
    name: 'set_alarm',
    parameters: { hour: number(1, 12), label: text(TOPICS) },
    known: [
      ({ hour, label }) => `Set an alarm at ${hour} for ${label}.`,
      ({ hour, label }) => `I want an alarm for ${label} at ${hour}.`,
      ({ hour, label }) => `Alarm at ${hour}, please, for ${label}.`,
    ],
    unseen: [({ hour, label }) => `Can you make an alarm for ${label}? It should be at ${hour}.`],
  },
  {
    name: 'send_message',
    parameters: {
      to: text(NAMES),
      text: text(['hello', 'good night', 'call me', 'come home', 'see you soon', 'thank you', 'i am late']),
    },
    known: [
      ({ to, text: body }) => `Send a message to ${to}: ${body}.`,
      ({ to, text: body }) => `Tell ${to} this: ${body}.`,
      ({ to, text: body }) => `Write to ${to} and say ${body}.`,
    ],
    unseen: [({ to, text: body }) => `Please let ${to} have the message ${body}.`],
  },
  {
    name: 'buy',
    parameters: { item: text([...OBJECTS, ...FOODS]), count: number(1, 9) },
    known: [
      ({ item, count }) => `Buy ${count} of the item ${item}.`,
      ({ item, count }) => `I need ${count} times ${item}. Buy it.`,
      ({ item, count }) => `Please buy ${item}, ${count} of it.`,
    ],
    unseen: [({ item, count }) => `Get me ${item} from the shop, ${count} of them.`],
  },
  {
    name: 'get_weather',
    parameters: { place: text(PLACES), day: text(DAYS) },
    known: [
      ({ place, day }) => `What is the weather at the ${place} on ${day}?`,
      ({ place, day }) => `Tell me the weather on ${day} at the ${place}.`,
      ({ place, day }) => `Weather for ${day}, at the ${place}?`,
    ],
    unseen: [({ place, day }) => `How will the weather be on ${day} if I go to the ${place}?`],
  },
  {
    name: 'play_song',
    parameters: { singer: text(NAMES), volume: number(1, 9) },
    known: [
      ({ singer, volume }) => `Play a song by ${singer} at volume ${volume}.`,
      ({ singer, volume }) => `I want to hear ${singer}, volume ${volume}.`,
      ({ singer, volume }) => `Music by ${singer}, please, at volume ${volume}.`,
    ],
    unseen: [({ singer, volume }) => `Put on a song of ${singer} with the volume at ${volume}.`],
  },
  {
    name: 'book_table',
    parameters: { day: text(DAYS), people: number(2, 9) },
    known: [
      ({ day, people }) => `Book a table for ${people} people on ${day}.`,
      ({ day, people }) => `We are ${people} and want a table on ${day}.`,
      ({ day, people }) => `A table on ${day} for ${people}, please.`,
    ],
    unseen: [({ day, people }) => `On ${day} I go out with friends. Get a table for ${people} people.`],
  },
  {
    name: 'find_route',
    parameters: { from: text(PLACES), to: text(PLACES) },
    known: [
      ({ from, to }) => `Find the way from the ${from} to the ${to}.`,
      ({ from, to }) => `How do I go to the ${to} from the ${from}?`,
      ({ from, to }) => `I am at the ${from}. Show me the way to the ${to}.`,
    ],
    unseen: [({ from, to }) => `Which way leads to the ${to} when I start at the ${from}?`],
  },
  {
    name: 'turn_on',
    parameters: {
      device: text(['lamp', 'radio', 'heater', 'fan', 'oven', 'screen', 'camera', 'pump']),
      minutes: number(1, 60),
    },
    known: [
      ({ device, minutes }) => `Turn on the ${device} for ${minutes} minutes.`,
      ({ device, minutes }) => `I need the ${device} on for ${minutes} minutes.`,
      ({ device, minutes }) => `For ${minutes} minutes, turn on the ${device}.`,
    ],
    unseen: [({ device, minutes }) => `Let the ${device} run for ${minutes} minutes.`],
  },
  {
    name: 'add_event',
    parameters: { title: text(TOPICS), day: text(DAYS), hour: number(1, 12) },
    known: [
      ({ title, day, hour }) => `Add an event: ${title} on ${day} at ${hour}.`,
      ({ title, day, hour }) => `On ${day} at ${hour} there is ${title}. Add it.`,
      ({ title, day, hour }) => `Put ${title} down for ${day} at ${hour}.`,
    ],
    unseen: [({ title, day, hour }) => `Do not let me forget ${title}, ${day} at ${hour}: make it an event.`],
  },
  {
    name: 'pay',
    parameters: { to: text(NAMES), amount: number(1, 99) },
    known: [
      ({ to, amount }) => `Pay ${amount} to ${to}.`,
      ({ to, amount }) => `Give ${to} ${amount} coins.`,
      ({ to, amount }) => `I owe ${to} ${amount}. Pay it.`,
    ],
    unseen: [({ to, amount }) => `Please send the amount of ${amount} to ${to}.`],
  },
];

/** The signature of a tool in a prompt: `set_alarm(hour: integer, label: string)`. */
export function signature({ name, parameters }: Pick<Tool, 'name' | 'parameters'>): string {
  const list = Object.entries(parameters).map(([parameter, { type }]) => `${parameter}: ${type}`);
  return `${name}(${list.join(', ')})`;
}
