import { CogumiError, EXIT, type ExitCode } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { readBundle } from '@cogumi/runtime';
import { type ExtendCall, extendBundle } from './extend.ts';

/** A bundle without one of its modifiers: what it answered is the base's again. @throws CogumiError MODIFIER_UNKNOWN. */
export async function removeDomain(named: string, call: ExtendCall): Promise<ExitCode> {
  const { config } = await readBundle(call.bundle, call.signal);
  const found = config.modifiers.find(({ name, domain }) => name === named || domain === named);
  if (!found) {
    const names = config.modifiers.map(({ name }) => name);
    const near = nearest(named, names);
    throw new CogumiError(
      'MODIFIER_UNKNOWN',
      `${call.bundle} has no domain "${named.slice(0, 60)}".${near === null ? '' : ` Did you mean "${near}"?`}`,
      names.length === 0 ? 'It has none.' : `It has ${names.join(', ')}.`,
      { exitCode: EXIT.usage },
    );
  }
  const { exitCode } = await extendBundle(call, `without-${found.name}`, {
    extend: { path: call.bundle, without: [found.name] },
  });
  return exitCode;
}
