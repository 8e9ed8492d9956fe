import { normaliseCharacters } from '@cogumi/pure';

/** Scripts without spaces whose words ICU knows from a dictionary: Thai, Lao, Myanmar, Khmer. */
const WITH_DICTIONARY = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]+/g;
/** Words a segmenter finds at once: it holds all boundaries of its text (chosen). */
const PIECE = 4096;
/** A longer word is a sentence of another language of the script, such as Shan: it is read by characters (chosen). */
const LONGEST = 24;
let segmenter: Intl.Segmenter | null = null;

/**
 * The text that words are read from, by whatever counts or compares words: its characters normalised, and a space between the words of
 * scripts that have a dictionary. The dictionary belongs to the version of Node.js.
 */
export function separateWords(text: string): string {
  return normaliseCharacters(text).replace(WITH_DICTIONARY, segment);
}

/** 10 MB a second (measured): words of a dictionary, where runs of characters would weigh a long name like many words. */
function segment(run: string): string {
  segmenter ??= new Intl.Segmenter('th', { granularity: 'word' });
  const words: string[] = [];
  for (let at = 0; at < run.length; at += PIECE) {
    for (const { segment: word } of segmenter.segment(run.slice(at, at + PIECE))) {
      words.push(word.length > LONGEST ? [...word].join(' ') : word);
    }
  }
  return ` ${words.join(' ')} `;
}
