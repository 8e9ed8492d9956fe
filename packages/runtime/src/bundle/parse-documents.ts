import { BundleConfig, BundleManifest, RouterWeights } from '@cogumi/contracts';
import { z } from 'zod';
import { BundleError } from './bundle-error.ts';

/** Parses a JSON document of a bundle and checks it against its schema. The hash of `bytes` has to be checked before. */
export function parseManifest(path: string, entry: string, bytes: Buffer): BundleManifest {
  return parse(BundleManifest, path, entry, bytes);
}

export function parseConfig(path: string, entry: string, bytes: Buffer): BundleConfig {
  return parse(BundleConfig, path, entry, bytes);
}

export function parseRouter(path: string, entry: string, bytes: Buffer): RouterWeights {
  return parse(RouterWeights, path, entry, bytes);
}

function parse<T>(schema: z.ZodType<T>, path: string, entry: string, bytes: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new BundleError('BUNDLE_CORRUPT', path, entry, 'it is not JSON.', { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const newer = parsed.error.issues.some(({ path: at }) => at[0] === 'schema' || at[0] === 'artifactType');
  throw new BundleError(
    newer ? 'BUNDLE_UNSUPPORTED' : 'BUNDLE_CORRUPT',
    path,
    entry,
    z.prettifyError(parsed.error).replaceAll('\n', ' ').slice(0, 600),
  );
}
