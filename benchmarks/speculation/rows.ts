/** Texts that are edited, extracted from and summarised. Written for this benchmark. */
const LETTER = `Dear Mrs. Hartmann,
thank you for your order number 48213 of 12 March. Two of the three oak shelves left our workshop in Lindenberg this morning. The third one, the
wide shelf with the glass door, has a scratch in its varnish, and we will not send it like that. Our carpenter will paint it again, which takes
until Thursday. You will get it on Friday between nine and twelve. We are sorry for the wait, and we have taken the delivery fee off your bill.
Yours sincerely, Paul Brenner`;

const CODE = `function totalPrice(items, taxRate) {
  let total = 0;
  for (const item of items) {
    if (item.quantity > 0) {
      total += item.price * item.quantity;
    }
  }
  return total * (1 + taxRate);
}`;

const JSON_ROWS = `[{"id": 17, "name": "Anna Weber", "city": "Bremen", "orders": 4},
 {"id": 18, "name": "Jonas Krüger", "city": "Ulm", "orders": 11},
 {"id": 19, "name": "Mia Vogel", "city": "Kiel", "orders": 2},
 {"id": 20, "name": "Leon Busch", "city": "Ulm", "orders": 7}]`;

const REPORT = `The bridge over the Anger was closed for eleven days. Engineers found that water had washed out the sand under the second pillar. Forty
lorries of gravel were brought from the quarry in Steinau, and divers laid them around the pillar by hand. The town paid 310,000 euros, of which the
state returns two thirds. On Saturday the first bus crossed the bridge again, and the baker on the other side gave a roll to everybody in it.`;

/** Questions whose answers repeat their prompts. */
export const REPEATING = [
  `Repeat this letter word for word, but write "Mr. Hartmann" in place of "Mrs. Hartmann".\n\n${LETTER}`,
  `Correct the spelling of this text and write it again in full: "The bridge was closd for eleven days. Enginers found that water had washed out the sand under the second pilar. Forty lorries of gravel were brought from the quarry."`,
  `Rename the variable total to sum in this function and write the whole function.\n\n${CODE}`,
  `Add a comment above this function and write the whole function again.\n\n${CODE}`,
  `Copy this JSON, with "orders" of Mia Vogel changed to 3. Answer with JSON only.\n\n${JSON_ROWS}`,
  `Write these rows as a list, one line each, with all their values.\n\n${JSON_ROWS}`,
  `Quote the three most important sentences of this text.\n\n${REPORT}`,
  `Summarize this text in the words of the text.\n\n${REPORT}`,
];

/** Questions whose answers are new text. */
export const NEW = [
  'Write a short story about a lighthouse keeper who finds a bottle.',
  'Why is the sky blue? Explain it to a child.',
  'Give me a recipe for a soup of potatoes and leeks.',
  'What should I think of before I buy a used bicycle?',
  'Write a poem about the first snow of the year.',
  'Explain what a hash table is, and what it is good for.',
  'How do bees find their way home?',
  'Write an e-mail to my neighbour about a borrowed ladder.',
];
