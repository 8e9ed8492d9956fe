import { BuiltInDomain } from '@cogumi/contracts';
import { z } from 'zod';
import { FORMATS, type ImportSource, type PRESETS } from './options.ts';
import presets from './presets.json' with { type: 'json' };

const Preset = z.strictObject({
  hub: z.string(),
  files: z.array(z.string()),
  format: z.enum(FORMATS),
  licence: z.string(),
  terms: z.string().nullable(),
  domain: BuiltInDomain.nullable(),
  source: z.string(),
});

/** Public datasets by name: location, format, licence and terms. */
export const Presets = z.record(z.string(), Preset);

/** Fills in a source from its preset; what the recipe says itself has precedence. A local `path` is kept. */
export function expandPreset(source: ImportSource): ImportSource {
  const { preset, ...given } = source;
  if (preset === undefined) return source;
  const known = Presets.parse(presets)[preset satisfies (typeof PRESETS)[number]] as z.infer<typeof Preset>;
  const local = given.path !== undefined;
  return {
    ...given,
    ...(!local && { hub: given.hub ?? known.hub }),
    files: local ? null : (given.files ?? (given.hub === undefined ? known.files : null)),
    name: given.name ?? preset,
    format: given.format === 'auto' && !given.mapping ? known.format : given.format,
    licence: given.licence === 'unknown' ? known.licence : given.licence,
    terms: given.terms ?? known.terms,
    domain: given.domain ?? known.domain,
  };
}
