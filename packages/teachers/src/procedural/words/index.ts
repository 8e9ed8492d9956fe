export {
  ANIMALS,
  atPlace,
  COLOURS,
  capitalise,
  JOBS,
  MEALS,
  NAMES,
  OBJECTS,
  PLACES,
  WORDS,
  withArticle,
} from './words.ts';
