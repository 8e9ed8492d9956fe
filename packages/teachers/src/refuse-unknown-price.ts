import { CogumiError, EXIT, type Teacher } from '@cogumi/contracts';

/** Refuses a teacher without a price, since its cost cannot be kept within a budget. @throws CogumiError PRICE_UNKNOWN. */
export function refuseUnknownPrice(teacher: Teacher): never {
  throw new CogumiError(
    'PRICE_UNKNOWN',
    `The price of ${teacher} is not known.`,
    `Add it to the recipe: \`teachers: { prices: { "${teacher}": { input: …, output: … } } }\`, USD per million tokens; 0 if it is free.`,
    { exitCode: EXIT.usage },
  );
}
