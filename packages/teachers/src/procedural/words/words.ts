/** Word lists of all tasks: common English words, so that a small vocabulary covers them. */
const list = (text: string): readonly string[] => text.trim().split(/\s+/);

export const NAMES = list(`
  Ada Adam Alex Alice Amy Anna Ann Ben Bob Carl Cara Clara Dan Dana Dora Ed Ella Emma Eric Eva Finn Fred Gina Grace Hana
  Henry Ida Ian Ivan Iris Jack Jane Jim Joe John Julia Kate Ken Kim Lara Leo Lena Liam Lily Lisa Lucy Luke Mara Maria
  Mark Mary Max Mia Mike Mina Nina Noah Nora Olga Oscar Otto Pam Paul Peter Rita Rob Rosa Ruth Sam Sara Sofia Steve Sue
  Tara Ted Tim Tina Tom Uma Vera Victor Walt Wendy Will Yara Zoe Zack Ali Omar Yuki Ravi Maya Nadia Hugo Elsa Felix Greta
  Jonas Karl Molly`);
export const OBJECTS = list(`
  ball book box bag hat coat cup key lamp pen map ring drum kite doll boat bell rope shoe coin flag stick stone blanket
  basket bottle button camera candle card clock comb fork spoon knife plate glove guitar hammer jar ladder letter mirror
  needle pencil phone picture pillow scarf spade toy umbrella wallet watch whistle brush bucket chain cap chair cushion
  feather flute helmet torch tent ticket towel vase violin wheel magnet marble notebook puzzle ribbon rocket ruler sled`);
export const PLACES = list(`
  park school garden kitchen beach forest market library farm station museum harbor castle bridge cave village bakery
  bank barn attic cellar office hotel island lake mill mountain river shop tower valley yard zoo theater stadium hall
  field port square church cabin desert meadow`);
export const ANIMALS = list(`
  cat dog horse cow pig sheep goat hen duck goose rabbit mouse fox wolf bear lion tiger deer frog fish bird owl crow
  eagle bee ant snake turtle whale shark seal monkey panda zebra camel donkey squirrel beaver otter hedgehog parrot swan`);
export const COLOURS = list('red blue green yellow black white brown pink purple orange gray gold silver');
export const FOODS = list(`
  apple bread cake cheese soup rice pear plum egg milk honey carrot potato tomato onion banana grape lemon peach cherry
  pie pizza salad sandwich noodle bean corn cookie butter jam nut melon mango pepper pasta pancake`);
/** Uncountable foods; all others are counted. */
export const MEALS = list('bread cheese soup rice milk honey pie butter pizza salad pasta jam corn cake');
export const COUNTED_FOODS = FOODS.filter((food) => !MEALS.includes(food));
export const JOBS = list(`
  baker farmer teacher doctor nurse pilot sailor singer painter writer driver cook tailor gardener hunter fisher builder
  dentist lawyer judge knight clown dancer actor miner guard`);
export const DAYS = list('Monday Tuesday Wednesday Thursday Friday Saturday Sunday');
export const MONTHS = list('January February March April May June July August September October November December');
export const TIMES = [
  'in the morning',
  'at noon',
  'in the evening',
  'at night',
  'after lunch',
  'before dinner',
] as const;
export const ADJECTIVES = list(`
  big small old new happy sad fast slow warm cold clean dirty tall short long loud quiet kind brave funny strong weak
  soft hard light heavy rich poor young tired hungry proud calm wild sweet dark bright`);
/** Present and past tense of actions on a thing. */
export const ACTIONS = [
  ['find', 'found'],
  ['lose', 'lost'],
  ['buy', 'bought'],
  ['sell', 'sold'],
  ['hide', 'hid'],
  ['paint', 'painted'],
  ['break', 'broke'],
  ['mend', 'mended'],
  ['clean', 'cleaned'],
  ['carry', 'carried'],
  ['drop', 'dropped'],
  ['wash', 'washed'],
  ['take', 'took'],
  ['leave', 'left'],
] as const;
/** All nouns and adjectives, for tasks about words themselves. */
export const WORDS = [...OBJECTS, ...ANIMALS, ...FOODS, ...PLACES, ...ADJECTIVES];

/** Places that take "on" or "at" instead of "in". */
const PREPOSITIONS: Readonly<Record<string, string>> = {
  beach: 'on',
  bridge: 'on',
  farm: 'on',
  island: 'on',
  mountain: 'on',
  lake: 'at',
  river: 'at',
  station: 'at',
};

/** The phrase of a place: `in the park`, `on the beach`. */
export function atPlace(place: string): string {
  return `${PREPOSITIONS[place] ?? 'in'} the ${place}`;
}

/** Plural of a noun in these lists. */
export function plural(noun: string): string {
  if (/(s|x|ch|sh|ato)$/.test(noun)) return `${noun}es`;
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return noun.endsWith('fe') ? `${noun.slice(0, -2)}ves` : `${noun}s`;
}

/** A noun with its indefinite article, chosen by its first letter; sufficient for these lists. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
