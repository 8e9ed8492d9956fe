import { CogumiError, EXIT, type Teacher } from '@cogumi/contracts';

/** Nobody can keep to a budget with a price that is not known. */
export function refuseUnknownPrice(teacher: Teacher): never {
  throw new CogumiError(
    'PRICE_UNKNOWN',
    `The price of ${teacher} is not known.`,
    `Add it to the recipe: \`teachers: { prices: { "${teacher}": { input: …, output: … } } }\`, USD a million tokens; 0 if it is free.`,
    { exitCode: EXIT.usage },
  );
}
