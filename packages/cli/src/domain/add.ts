import { CogumiError, EXIT, type ExitCode, isBuiltIn } from '@cogumi/contracts';
import type { BuildResult } from '@cogumi/factory';
import { describeDomains } from '../build/describe-domains.ts';
import { UsageError } from '../parse-call.ts';
import { checkerOf, exampleFiles } from './examples.ts';
import { type ExtendCall, extendBundle } from './extend.ts';

/** Training of an adapter on a few hundred examples (chosen; `--set modifiers.NAME.train.…` changes it). */
const TRAIN = { rank: 16, alpha: 32, learningRate: 1e-3, epochs: 6, batchTokens: 512 };
/** Held-out questions of a built-in domain, of each difficulty (chosen: twice as many right answers are proven with 40). */
const HELD_OUT = 40;
/** Questions of a built-in domain that the adapter learns from, of each difficulty (chosen). */
const SEED_PROMPTS = 200;

export interface AddCall extends ExtendCall {
  readonly domain: string;
  readonly places: readonly string[];
  readonly checker: string | undefined;
  readonly heldOut: string | undefined;
  readonly licence: string | undefined;
  /** Who writes examples from documents. */
  readonly teacher: string | undefined;
  /** Folder of an adapter that was trained elsewhere. */
  readonly adapter: string | undefined;
}

/**
 * Examples in, a bundle with one more domain out.
 *
 * @throws CogumiError DOMAIN_NOT_SHIPPED when its adapter is not better than the base for certain; UsageError.
 */
export async function addDomain(call: AddCall): Promise<ExitCode> {
  const { domain, json } = call;
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(domain) && !isBuiltIn(domain)) {
    throw new UsageError(
      `${JSON.stringify(domain.slice(0, 60))} is no name for a domain.`,
      'A name has lower-case letters, digits and dashes, 31 at most, and begins with a letter.',
    );
  }
  const name = domain.replaceAll('_', '-');
  const settings = isBuiltIn(domain) ? builtIn(call) : await ownDomain(call);
  const learned = call.adapter === undefined ? { train: TRAIN } : { adapter: { path: call.adapter } };
  const modifier = { domain, goal: 1, ...learned, ...settings.modifier };
  const result = await extendBundle(call, name, {
    extend: { path: call.bundle },
    ...settings.recipe,
    modifiers: { [name]: modifier },
  });
  refuseUnproven(name, domain, result);
  if (!json && result.domains.length > 0) console.log(`\n${describeDomains(call.name ?? name, result.domains)}`);
  return result.exitCode;
}

function builtIn({ domain, places }: AddCall) {
  if (places.length > 0) {
    throw new UsageError(
      `${domain} is a built-in domain: its questions and its checker come from its own generators, and ${places[0]} would not be read.`,
      `Leave the files out, or give your domain a name of its own.`,
    );
  }
  const count = (each: number) => ({ easy: each, hard: each });
  return {
    recipe: { questions: { domains: { [domain]: count(HELD_OUT) } } },
    modifier: { seedPrompts: count(SEED_PROMPTS) },
  };
}

async function ownDomain(call: AddCall) {
  const { domain, places, heldOut, licence } = call;
  if (places.length === 0) {
    throw new UsageError(
      `${domain} is not a built-in domain, and no file of examples was named.`,
      `For example: cogumi domain add ${domain} examples.jsonl --checker contains:accepted`,
    );
  }
  const { rows, documents } = await exampleFiles(places);
  const share = heldOut === undefined ? {} : { heldOut: Number(heldOut) };
  const rights = licence === undefined ? {} : { licence };
  // What a teacher writes from documents names the words that count.
  const checker = checkerOf(call.checker ?? (documents.length > 0 ? 'contains:accepted' : 'exact'));
  const given = {
    examples: rows.map((path) => ({ path, ...rights })),
    ...documentsOf(call, documents, checker.teacher),
    ...share,
    checker: checker as never,
  };
  return { recipe: { domains: { [domain]: given } }, modifier: {} };
}

/** @param judge - The teacher of the checker, where one judges. @throws CogumiError TEACHER_MISSING; UsageError. */
function documentsOf({ domain, teacher, licence }: AddCall, files: readonly string[], judge: string | undefined) {
  const [first] = files;
  if (first === undefined) {
    if (teacher === undefined) return {};
    throw new UsageError('--teacher writes examples from documents, and no document was named.', 'Leave it out.');
  }
  if (teacher === undefined) {
    throw new CogumiError(
      'TEACHER_MISSING',
      `${first} is a document: it holds no questions, so a teacher has to write them, and none was named.`,
      `Name one and what it may cost, with its key in the environment: cogumi domain add ${domain} ${first} --teacher openai:gpt-5-mini --budget 1. A server of your own: --set 'teachers.providers.mine={kind: openai, baseUrl: http://localhost:8000/v1, keyVariable: null}' --teacher mine:MODEL`,
      { exitCode: EXIT.usage },
    );
  }
  const shared = { teacher, ...(licence === undefined ? {} : { licence }), ...(judge === undefined ? {} : { judge }) };
  return { documents: { files: files.map((path) => ({ path })), ...shared } };
}

/** @throws CogumiError DOMAIN_NOT_SHIPPED */
function refuseUnproven(name: string, domain: string, { gates, bundle }: BuildResult): void {
  const id = `${name}.evaluate`;
  const gate = gates.find(({ stage, gate: own }) => stage === id && own.name === `against-${domain}`);
  if (bundle !== null || gate?.gate.verdict !== 'fail') return;
  const { evidence, interval } = gate.gate;
  const range = interval ? `, ${interval[0].toPrecision(3)} to ${interval[1].toPrecision(3)} times as many at 95%` : '';
  throw new CogumiError(
    'DOMAIN_NOT_SHIPPED',
    `${name} is not shipped: with its adapter the base is not better for certain (${evidence}${range}). No bundle was written.`,
    `Give more examples, train longer (\`--set modifiers.${name}.train.epochs=12\`), or look whether \`--checker\` fits the answers; \`--override ${id}/against-${domain}\` ships it as it is.`,
    { exitCode: EXIT.gateFailed },
  );
}
