import { CogumiError, EXIT, type Teacher } from '@cogumi/contracts';
import type { TeacherEndpoint } from './dispatch/teacher-request.ts';
import type { TeachersOptions } from './options.ts';
import { createProceduralProvider } from './procedural/provider.ts';
import type { Provider } from './provider.ts';
import { connect } from './providers/connect-provider.ts';
import { KNOWN_PROVIDERS } from './providers/known-providers.ts';
import { knownPrices, priceOf } from './providers/prices.ts';
import { refuseUnknownPrice } from './refuse-unknown-price.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The teachers of a build, and how many requests at a time each provider takes. */
export interface TeacherEndpoints {
  /** @throws RangeError for a teacher that `findEndpoints` was not given. */
  readonly of: (teacher: Teacher) => TeacherEndpoint;
  readonly concurrencyOf: (provider: string) => number;
}

/**
 * Resolves all teachers of a recipe before the first request: each needs a provider, its key and a price.
 *
 * @param environment - Variables with keys and base URLs.
 * @throws CogumiError TEACHERS_UNREADY with everything that is missing.
 */
export function findEndpoints(
  teachers: readonly Teacher[],
  options: TeachersOptions,
  environment: Environment,
): TeacherEndpoints {
  const prices = knownPrices(options.prices);
  const providers = new Map<string, Provider>([['procedural', createProceduralProvider()]]);
  const endpoints = new Map<Teacher, TeacherEndpoint>();
  const problems: { message: string; hint: string }[] = [];
  for (const teacher of new Set(teachers)) {
    const colon = teacher.indexOf(':');
    const [name, model] = [teacher.slice(0, colon), teacher.slice(colon + 1)];
    try {
      const provider = providers.get(name) ?? connect(name, environment, options.providers[name]);
      providers.set(name, provider);
      const price = priceOf(prices, teacher) ?? refuseUnknownPrice(teacher);
      endpoints.set(teacher, { teacher, model, provider, price, cacheReplies: name !== 'procedural' });
    } catch (cause) {
      if (!(cause instanceof CogumiError)) throw cause;
      problems.push(cause);
    }
  }
  if (problems.length > 0) throw unready(problems);
  return {
    of: (teacher) => {
      const endpoint = endpoints.get(teacher);
      if (!endpoint) throw new RangeError(`the recipe does not name the teacher ${teacher}`);
      return endpoint;
    },
    concurrencyOf: (name) => options.providers[name]?.concurrency ?? defaultConcurrency(name),
  };
}

/** 1 for procedural teachers, which run in this thread; 32 (chosen) for a provider that a recipe adds, as for a hosted one. */
function defaultConcurrency(name: string): number {
  if (name === 'procedural') return 1;
  return KNOWN_PROVIDERS.get(name)?.concurrency ?? 32;
}

function unready(problems: readonly { message: string; hint: string }[]): CogumiError {
  const messages = [...new Set(problems.map(({ message }) => message))];
  return new CogumiError(
    'TEACHERS_UNREADY',
    messages.length === 1
      ? (messages[0] as string)
      : `Teachers are not ready:\n${messages.map((one) => `  - ${one}`).join('\n')}`,
    [...new Set(problems.map(({ hint }) => hint))].join('\n'),
    { exitCode: EXIT.usage },
  );
}
