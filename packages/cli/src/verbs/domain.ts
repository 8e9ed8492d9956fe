import { addDomain } from '../domain/add.ts';
import { listDomains } from '../domain/list.ts';
import { removeDomain } from '../domain/remove.ts';
import { findBundle } from '../find-bundle.ts';
import { UsageError } from '../parse-call.ts';
import { BUILD_OPTIONS, STORE_OPTION, storeOf } from '../recipe-options.ts';
import { defineVerb } from '../verb.ts';

/** Options of each action besides `--bundle` and `--store`. */
const MAKING = ['name', 'set', 'override', 'yes'] as const;
const OWN_OPTIONS = new Map<string, readonly string[]>([
  ['add', [...MAKING, 'checker', 'held-out', 'licence', 'teacher', 'budget', 'adapter']],
  ['remove', MAKING],
  ['list', []],
]);

export const verb = defineVerb({
  usage:
    'add <name> <file or folder…> [options]\n       cogumi domain list [options]\n       cogumi domain remove <name> [options]',
  details:
    'add: examples in (a question and its answer each), a new bundle out that has an adapter for them beside all that the old\n' +
    'one has. From documents (Markdown, HTML, text, PDF) a teacher writes the examples. A part of them is held out; an adapter\n' +
    'that is not better on it than the base is not shipped (exit code 2). A built-in domain, such as math, needs no files.\n' +
    'remove: a new bundle without the domain. Nothing else is trained again; the router learns all routes anew.\n' +
    'Without --bundle it is the newest one in .cogumi/bundles, which stays as it is.',
  positionals: { min: 1, max: 1000 },
  options: {
    bundle: { type: 'string', value: '<bundle>', describe: 'bundle to start from; default: the newest' },
    name: {
      type: 'string',
      value: '<name>',
      describe: 'name of the new bundle; default: of the old one and the domain',
    },
    checker: {
      type: 'string',
      value: '<kind[:field]>',
      describe: 'what makes a reply right, e.g. exact (default), contains:accepted, number, python-tests:tests',
    },
    'held-out': {
      type: 'string',
      value: '<share>',
      describe: 'share of the examples that is only tested on; default 0.3',
    },
    teacher: {
      type: 'string',
      value: '<teacher>',
      describe: 'who writes examples from documents, e.g. openai:gpt-5-mini',
    },
    adapter: {
      type: 'string',
      value: '<folder>',
      describe: 'an adapter in PEFT’s form that was trained elsewhere on this base, in place of training one',
    },
    budget: { type: 'string', value: '<usd>', describe: 'most that teachers may cost; default 0' },
    licence: { type: 'string', value: '<spdx>', describe: 'licence of the examples; default unknown' },
    set: {
      type: 'string',
      multiple: true,
      value: '<path=value>',
      describe: 'set a value of the recipe, e.g. modifiers.support.train.epochs=12',
    },
    ...BUILD_OPTIONS,
    ...STORE_OPTION,
  },
  async run({ positionals: [action = '', ...rest], options, json, signal }) {
    const own = OWN_OPTIONS.get(action);
    if (own === undefined)
      throw new UsageError(`The verb domain has no action "${action.slice(0, 60)}".`, 'Use add, list or remove.');
    const stray = Object.keys(options).find((name) => !['bundle', 'store', ...own].includes(name));
    if (stray !== undefined)
      throw new UsageError(`domain ${action} has no option --${stray}.`, '`cogumi domain --help` lists the options.');
    const [name, ...places] = rest;
    if (action === 'list') {
      if (name !== undefined)
        throw new UsageError(
          `domain list takes no name and got "${name}".`,
          'Usage: cogumi domain list --bundle <bundle>',
        );
      return listDomains(await findBundle(options.bundle), json, signal);
    }
    if (name === undefined)
      throw new UsageError(`domain ${action} needs the name of a domain.`, `Usage: cogumi domain ${action} <name>`);
    const bundle = await findBundle(options.bundle);
    const call = {
      ...{ bundle, name: options.name, store: storeOf(options), json, signal },
      ...{ settings: options.set ?? [], overrides: options.override ?? [], yes: options.yes === true },
    };
    if (action === 'remove') {
      if (places.length > 0)
        throw new UsageError(`domain remove takes one name and got ${rest.length}.`, 'Remove one after the other.');
      return removeDomain(name, call);
    }
    const { checker, licence, teacher, adapter, budget, 'held-out': heldOut } = options;
    const settings = [...call.settings, ...(budget === undefined ? [] : [`budget.money=${budget}`])];
    return addDomain({ ...call, settings, domain: name, places, checker, heldOut, licence, teacher, adapter });
  },
});
