/**
 * Number of positions at which two models have the same most likely next token.
 *
 * @param ours - Logits, shape `[positions, vocabulary]`, row-major.
 * @param theirs - The same shape.
 */
export function countAgreement(ours: Float32Array, theirs: Float32Array, vocabulary: number): number {
  if (ours.length !== theirs.length || ours.length % vocabulary !== 0) {
    throw new RangeError(`${ours.length} and ${theirs.length} logits do not form equal rows of ${vocabulary}`);
  }
  let agreeing = 0;
  for (let from = 0; from < ours.length; from += vocabulary) {
    agreeing += Number(argmax(ours, from, vocabulary) === argmax(theirs, from, vocabulary));
  }
  return agreeing;
}

function argmax(logits: Float32Array, from: number, length: number): number {
  let best = 0;
  for (let at = 1; at < length; at++) {
    if ((logits[from + at] as number) > (logits[from + best] as number)) best = at;
  }
  return best;
}
