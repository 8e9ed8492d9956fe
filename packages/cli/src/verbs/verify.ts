import { BOUND_SIGN, EXIT, gateId } from '@cogumi/contracts';
import { readBundle, type VerifiedBundle } from '@cogumi/runtime';
import { findBundle } from '../find-bundle.ts';
import { bytesText, dim, figure, paint, printable } from '../terminal/style.ts';
import { defineVerb } from '../verb.ts';

const VERDICT_COLOUR = { pass: 'green', fail: 'red', inconclusive: 'yellow', skipped: 'dim' } as const;

export const verb = defineVerb({
  usage: '[bundle]',
  details:
    'Checks headers, paddings and the hash of every part, and that modifiers and router were trained on this base.\n' +
    'Without a name it checks the newest bundle in .cogumi/bundles.',
  positionals: { min: 0, max: 1 },
  options: {},
  async run({ positionals, json, signal }) {
    const bundle = await readBundle(await findBundle(positionals[0]), signal);
    if (json) console.log(JSON.stringify(facts(bundle)));
    else console.log(describeBundle(bundle));
    return EXIT.done;
  },
});

function facts({ path, digest, bytes, config, manifest }: VerifiedBundle) {
  return { bundle: path, digest, bytes, config, layers: manifest.layers };
}

function describeBundle({ path, digest, bytes, config, manifest }: VerifiedBundle): string {
  const { base, modifiers, router, gates, licences } = config;
  const layers = manifest.layers.map(
    ({ annotations, mediaType, size, digest: layer }) =>
      `  ${printable(annotations?.['org.opencontainers.image.title'] ?? mediaType).padEnd(28)} ${bytesText(size).padStart(10)}  ${dim(layer)}`,
  );
  const verdicts = gates.map((gate) => {
    const { stage, verdict, measured, bound, threshold, unit, evidence } = gate;
    const figures =
      verdict === 'skipped'
        ? dim(printable(evidence))
        : `${figure(measured)} ${dim(`${BOUND_SIGN[bound]} ${figure(threshold)} ${printable(unit)}`)}`;
    return `  ${paint(VERDICT_COLOUR[verdict], verdict.padEnd(12))} ${printable(gateId(stage, gate)).padEnd(40)} ${figures}`;
  });
  return [
    `${paint('bold', printable(config.name))}  ${bytesText(bytes)}, every byte checked  ${dim(path)}`,
    ...(config.description ? [`  ${printable(config.description)}`] : []),
    `  digest     ${digest}`,
    `  base       ${figure(base.parameters)} parameters, ${printable(base.quantization)}, ${base.contextTokens} tokens of context${base.origin === 'dequantized' ? ', built from dequantized weights' : ''}`,
    `  modifiers  ${printable(modifiers.map(({ name, domain, rank }) => `${name} (${domain}, rank ${rank})`).join(', ')) || 'none'}`,
    `  router     ${router ? printable(router.routes.join(', ')) : 'none'}`,
    `  licences   ${printable(licences.join(', ')) || 'none'}`,
    '',
    ...layers,
    ...(verdicts.length > 0 ? ['', ...verdicts] : []),
  ].join('\n');
}
