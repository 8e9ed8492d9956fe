import { BundleEvidence, type DomainResult, EXIT, type ExitCode, MEDIA } from '@cogumi/contracts';
import { readBundle, readLayer } from '@cogumi/runtime';
import { mark } from '../build/describe-domains.ts';
import { bytesText, dim, paint, printable } from '../terminal/style.ts';

interface Listed {
  readonly modifier: string;
  readonly domain: string;
  readonly bytes: number;
  readonly rank: number;
  /** Held-out questions, and how many the modifier and the model before it answered right; null: not in the evidence. */
  readonly score: Pick<DomainResult, 'questions' | 'right' | 'startRight' | 'change'> | null;
}

/** Lists the domains of a bundle: modifier, domain, size, and right answers beside those of the base. */
export async function listDomains(path: string, json: boolean, signal: AbortSignal): Promise<ExitCode> {
  const bundle = await readBundle(path, signal);
  const { config, manifest, digest } = bundle;
  const text = await readLayer(bundle, MEDIA.evidence);
  const { domains } = BundleEvidence.parse(text === null ? { evaluations: {}, router: null } : JSON.parse(text));
  const listed = config.modifiers.map(({ name, domain, rank, digest: layer }): Listed => {
    const { questions, right, startRight, change } = domains.find(({ route }) => route === name) ?? { questions: 0 };
    return {
      ...{ modifier: name, domain, rank, bytes: manifest.layers.find((one) => one.digest === layer)?.size ?? 0 },
      score: questions > 0 ? { questions, right: right!, startRight: startRight!, change: change! } : null,
    };
  });
  if (json) console.log(JSON.stringify({ bundle: path, digest, name: config.name, domains: listed }));
  else console.log(describe(config.name, path, listed));
  return EXIT.done;
}

function describe(name: string, path: string, listed: readonly Listed[]): string {
  const head = `${paint('bold', printable(name))}  ${listed.length} ${listed.length === 1 ? 'domain' : 'domains'}  ${dim(path)}`;
  const rows = listed.map(({ modifier, domain, bytes, score }) => [
    printable(modifier),
    printable(domain),
    bytesText(bytes),
    score
      ? `${score.right} of ${score.questions} right, base ${score.startRight} ${mark(score.change, score.right - score.startRight)}`
      : 'not measured',
  ]);
  const table = [['modifier', 'domain', 'size', 'held-out questions'], ...rows];
  const widths = [0, 1, 2].map((at) => Math.max(...table.map((row) => row[at]!.length)));
  const lines = table.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
  return listed.length === 0 ? head : [head, ...lines].join('\n');
}
