/** Everyday knowledge as small tables, written for Cogumi. */
const table = (text: string): readonly (readonly [string, string])[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s*=\s*/) as [string, string]);

/** An activity = what it requires. */
export const USES = table(`
  cut bread = a knife
  eat soup = a spoon
  write a letter = a pen
  sweep the floor = a broom
  open a door = a key
  see in the dark = a lamp
  drink tea = a cup
  hit a nail = a hammer
  stay dry in the rain = an umbrella
  climb a wall = a ladder
  tell the time = a clock
  carry water = a bucket
  dig a hole = a spade
  comb hair = a comb
  sew a shirt = a needle
  cross a river = a boat
  take a picture = a camera
  sleep warm = a blanket
  boil an egg = a pot
  cut paper = scissors
  catch fish = a net
  ride on snow = a sled
  measure a table = a ruler
  hear the news = a radio
  call a friend = a phone
  wash hands = soap
  brush teeth = a brush
  protect the head = a helmet
  look at yourself = a mirror
  light a candle = a match
  keep hands warm = gloves
  fly to another land = a plane`);
/** A word = its opposite. */
export const OPPOSITES = table(`
  big = small
  hot = cold
  fast = slow
  old = young
  light = dark
  wet = dry
  rich = poor
  loud = quiet
  hard = soft
  long = short
  high = low
  happy = sad
  open = closed
  full = empty
  clean = dirty
  strong = weak
  near = far
  early = late
  heavy = light
  sweet = sour
  up = down
  left = right
  in = out
  day = night
  first = last
  good = bad
  true = false
  thick = thin
  wide = narrow
  brave = afraid
  begin = end
  give = take
  push = pull
  buy = sell
  win = lose
  love = hate
  ask = answer
  sit = stand
  laugh = cry
  come = go`);
/** A thing = where it is found. */
export const FOUND = table(`
  a cow = on a farm
  a fish = in the water
  a book = in a library
  a bed = in a bedroom
  an oven = in the kitchen
  a ship = in a harbor
  a lion = in a zoo
  a nurse = in a hospital
  a teacher = in a school
  a tree = in a forest
  sand = at the beach
  a star = in the sky
  a train = at a station
  a plane = at an airport
  money = in a bank
  bread = in a bakery
  a painting = in a museum
  a king = in a castle
  a tractor = on a farm
  a bird nest = in a tree
  snow = on a mountain
  a camel = in the desert
  a waiter = in a restaurant
  a judge = in a court
  flowers = in a garden
  a bath = in a bathroom
  an actor = in a theater
  letters = in a mailbox
  honey = in a hive
  coal = in a mine`);
/** From light to heavy, with differences that nobody would dispute. */
export const BY_SIZE = 'ant bee mouse frog rabbit cat fox sheep pig donkey horse camel elephant whale'.split(' ');
/** Kinds and their members. */
export const KINDS: Readonly<Record<string, readonly string[]>> = {
  animal: ['dog', 'cat', 'horse', 'cow', 'pig', 'lion', 'tiger', 'bear', 'fox', 'rabbit', 'goat', 'sheep'],
  food: ['bread', 'cheese', 'apple', 'soup', 'rice', 'cake', 'egg', 'pear', 'honey', 'potato', 'butter'],
  colour: ['red', 'blue', 'green', 'yellow', 'black', 'white', 'brown', 'pink', 'orange', 'purple'],
  tool: ['hammer', 'saw', 'spade', 'knife', 'broom', 'ladder', 'needle', 'brush', 'axe'],
  place: ['school', 'park', 'farm', 'beach', 'forest', 'castle', 'bank', 'museum', 'harbor', 'market'],
  job: ['baker', 'teacher', 'doctor', 'pilot', 'farmer', 'nurse', 'singer', 'driver', 'sailor', 'judge'],
  body: ['hand', 'foot', 'head', 'nose', 'ear', 'eye', 'arm', 'leg', 'finger', 'knee'],
};
/** A cause = its effect. */
export const EFFECTS = table(`
  you drop a glass on a stone = it breaks
  you put ice in the sun = it melts
  you plant a seed and water it = it grows
  you leave bread in the fire = it burns
  you throw a ball up = it falls down
  you put a stone in water = it sinks
  you put wood in water = it floats
  you heat water for long = it boils
  you do not sleep = you get tired
  you do not eat = you get hungry
  you walk in the rain = you get wet
  you cut an apple = you get two halves
  you turn off the lamp at night = it gets dark
  you blow on a candle = it goes out
  you let go of a balloon = it flies up
  you put water in a very cold place = it freezes
  you eat too much cake = you feel sick
  you touch a hot pan = you burn your hand
  you water a dry plant = it gets green
  you drive with no fuel = the car stops`);

/** Answers of the tables that would be correct too; no choice offers them. */
export const ALSO_RIGHT: Readonly<Record<string, readonly string[]>> = {
  'cut paper': ['a knife'],
  'comb hair': ['a brush'],
  'see in the dark': ['a match', 'a phone'],
  'tell the time': ['a phone'],
  'take a picture': ['a phone'],
  'hear the news': ['a phone'],
  'keep hands warm': ['a blanket'],
  'drink tea': ['a spoon'],
  light: ['night'],
  day: ['dark'],
  thick: ['narrow'],
  wide: ['thin'],
  high: ['down'],
  up: ['low'],
  strong: ['soft'],
  loud: ['soft'],
  happy: ['cry'],
  laugh: ['sad'],
  first: ['end'],
  begin: ['last'],
  'a tree': ['in a garden', 'on a farm', 'on a mountain'],
  'a bird nest': ['in a forest', 'in a garden', 'on a farm'],
  flowers: ['in a forest', 'on a farm', 'on a mountain'],
  'a book': ['in a school', 'in a bedroom'],
  bread: ['in the kitchen'],
  honey: ['in the kitchen'],
  money: ['in a castle'],
  'a plane': ['in the sky'],
  'a ship': ['in the water'],
  sand: ['in the desert'],
  'a camel': ['in a zoo'],
  'a lion': ['in the desert'],
  'a fish': ['in a zoo', 'in a harbor'],
  'a cow': ['in a zoo'],
  'a painting': ['in a castle'],
  'a nurse': ['in a school'],
  'you plant a seed and water it': ['it gets green'],
  'you water a dry plant': ['it grows'],
  'you do not eat': ['you get tired', 'you feel sick'],
  'you do not sleep': ['you feel sick'],
};
