/** Characters before and after a number that are read. */
const BEFORE = 40;
const AFTER = 24;

/** Words that announce a phone number, and at most a few more before it: "call me at", "Tel.:". */
const PHONE =
  /(?:\b(?:tel(?:e(?:ph|f)on\w*|[ée]fono)?|t[ée]l(?:[ée]phone)?|(?:tele)?phones?|phoned|fax|call(?:s|ed|ing)?|cell(?:ular|phone)?|mob(?:ile?)?|mobil\w*|handy|whatsapp|sms|dial(?:led|ing)?|hotline|ring|kontakt|contact|reach (?:me|us|him|her|them)|ruf\w*|anruf\w*|appele[rz]|portable|llam\w+|ligue|telefoon|telefoni?)\b|电话|電話|手机|전화|тел(?:ефон)?)[^\d\n!?;]{0,18}$/iu;

/** Words before a quantity: "latitude", "changed by", "balance of"; and a coordinate or variable that gets a value. */
const QUANTITY =
  /(?:\b(?:lat(?:itude)?|lon(?:gitude)?|lng|coord(?:inate)?s?|offset|delta|diff(?:erence)?|chang\w+|balance|amount|total|sum|profits?|loss|losses|revenue|sales|score|value|count(?:er)?|gain\w*|grew|grow\w*|rose|rise|risen|increas\w+|decreas\w+|fell|altitude|elevation|temperature|timestamp|epoch|population|net|result|equals?|about|nearly|adds?|plus)\b[\s:=("']{0,3}(?:(?:is|of|was|by|to|at|from|are|were|it)\b)?[\s:=("']{0,3}|\bby |\b[a-z]{1,2} ?= ?|[€$£¥₹] ?|\brs\.? ?)$/i;

/** Words before an identifier: part numbers, versions, standard numbers, checksums. */
const IDENTIFIER =
  /(?:\b(?:sku|part|model|serial|s\/n|order|invoice|ref(?:erence)?|case|ticket|tracking|isbn(?:-1[03])?|issn|ean|upc|gtin|asin|doi|pmid|patent|version|ver|v|build|release|rev(?:ision)?|firmware|id|uid|uuid|guid|hash|sha-?\d*|md5|crc\d*|checksum|commit|oid|mac|article|item|catalog(?:ue)?|account|batch|lot|form|section|port)\b[\s:.#=("'-]{0,3}(?:(?:is|no|nr|num|number|code|id)\b)?[\s:.#=("'-]{0,3}|#)$/i;

/** What follows a quantity. Units of measure, currencies, and what is counted. */
const UNIT = new RegExp(
  `^(?:[.,]\\d+)? ?(?:[%‰°′″€$£¥₹₽₩₿]|(?:${[
    'yen|yuan|rubles?|roubles?|rupees?|won|dollars?|euros?|pounds?|francs?|cents?|pesos?|kron(?:er|or|e)|lira|dirhams?|baht|dong',
    'usd|eur|gbp|jpy|cny|inr|chf|btc|eth|aud|cad|rub|krw|sek|nok|dkk|pln',
    '[kcmnµ]?m|miles?|met(?:er|re)s?|kilomet(?:er|re)s?|feet|ft|inch(?:es)?|yards?|m[²³23]|acres?|hectares?|km/h|mph|light[- ]years?',
    '[kmµ]?g|grams?|kilograms?|kilos?|tons?|tonnes?|lbs?|ounces?|m?l|lit(?:er|re)s?|gallons?|barrels?',
    '[kmgtp]?i?b|(?:kilo|mega|giga|tera)?bytes?|bits?|[kmgt]?hz|[kmgt]?wh?|watts?|k?cal(?:ories)?|[kmg]?j|joules?|[km]?v|volts?|[km]?pa|°?[cfk]|degrees?|deg|kelvin',
    'people|persons?|users?|views?|followers?|subscribers?|likes?|downloads?|points?|votes?|visitors?|visits?|hits?|rows?|lines?|tokens?',
    'items?|units?|copies|employees|inhabitants|residents|customers?|clicks?|requests?|queries|parameters?|messages?|records?|events?',
    'iterations?|steps?|times|cells?|atoms?|molecules?|stars?|jobs|shares?|deaths|cases|births|pixels?|words?|characters?|samples?|files?',
    'thousand|million|billion|trillion|percent|per ?cent|pct|bps|basis points?|ppm',
    '[mµn]?s|secs?|seconds?|mins?|minutes?|hours?|hrs?|days?|weeks?|months?|years?|xp|coins?|credits?|ticks?|blocks?|ops',
  ].join('|')})(?![\\w'’-]))`,
  'i',
);
/** What goes on as arithmetic or as a comparison. */
const ARITHMETIC = /^ ?(?:[*^=<>×÷]|[+/] ?\d+ ?=)/;

/** What the text around a number says about it. */
export interface NumberContext {
  /** A word before it announces a phone number. */
  readonly isPhone: boolean;
  /** It is a quantity: a unit or an operator follows, or a word such as "latitude" comes before it. */
  readonly isQuantity: boolean;
  /** It has a unit or an operator behind it: this also decides for numbers in groups. */
  readonly hasUnit: boolean;
  /** A word before it announces an identifier such as a version or an ISBN. */
  readonly isIdentifier: boolean;
}

/** Reads the text around the number `text.slice(from, to)`: a bounded number of characters. */
export function readNumberContext(text: string, from: number, to: number): NumberContext {
  const before = text.slice(Math.max(0, from - BEFORE), from);
  const after = text.slice(to, to + AFTER);
  const isPhone = PHONE.test(before);
  const hasUnit = UNIT.test(after) || ARITHMETIC.test(after);
  return {
    isPhone,
    hasUnit,
    isQuantity: hasUnit || (!isPhone && QUANTITY.test(before)),
    isIdentifier: !isPhone && IDENTIFIER.test(before),
  };
}
