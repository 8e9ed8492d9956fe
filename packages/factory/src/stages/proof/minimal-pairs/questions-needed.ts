/** Quantiles of the normal distribution: two-sided 95%, and a power of 80%. */
const Z = 1.959963984540054 + 0.8416212335729143;

/**
 * How many questions show, in four of five samples, that a model which loses nothing loses no more than `ratio` allows: the error of a ratio of
 * paired proportions is about √(apart / questions) / right, with the shares of questions that one alone has right and that the other has.
 *
 * @param outcomes - Of each question: was ours right, was theirs.
 */
export function questionsNeeded(outcomes: readonly (readonly [boolean, boolean])[], ratio: number): string {
  const right = outcomes.filter(([, theirs]) => theirs).length / outcomes.length;
  const apart = outcomes.filter(([ours, theirs]) => ours !== theirs).length / outcomes.length;
  if (ratio >= 1 || !(right > 0) || apart === 0) return 'as many again';
  const needed = apart * (Z / ((1 - ratio) * right)) ** 2;
  return `about ${Math.ceil(needed / 10) * 10} for a model that loses nothing`;
}
