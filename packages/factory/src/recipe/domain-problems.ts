import { BUILT_IN_DOMAINS, isBuiltIn } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { TASKS } from '@cogumi/teachers/procedural';
import type { Recipe } from './recipe.ts';

/** Taken by what counts over all domains and over rows of none. */
const RESERVED = ['all', 'none'];

/** What contradicts itself in a recipe's domains: names that nothing declares, and settings that a domain cannot have. */
export function domainProblems(recipe: Recipe): string[] {
  return [...findRedeclared(recipe), ...findUnknown(recipe), ...findMisplaced(recipe)];
}

function findRedeclared({ domains }: Recipe): string[] {
  return Object.entries(domains).flatMap(([name, { examples, documents }]) => [
    ...(examples.length === 0 && !documents
      ? [`domains.${name}: a domain needs examples: at least one source of questions with answers, or \`documents\``]
      : []),
    ...(isBuiltIn(name) ? [`domains.${name}: "${name}" is a built-in domain; give yours another name`] : []),
    ...(RESERVED.includes(name) ? [`domains.${name}: "${name}" is no name for a domain; it stands for a total`] : []),
    ...examples.flatMap(({ domain }, at) =>
      domain === null || domain === name
        ? []
        : [`domains.${name}.examples.${at}.domain is ${domain}; its rows are examples of ${name}`],
    ),
  ]);
}

function findUnknown(recipe: Recipe): string[] {
  const known = [...BUILT_IN_DOMAINS, ...Object.keys(recipe.domains)];
  const named: [place: string, name: string | null][] = [
    ...Object.keys(recipe.questions.domains).map((name): [string, string] => [`questions.domains.${name}`, name]),
    ...Object.keys(recipe.synthesize.domains).map((name): [string, string] => [`synthesize.domains.${name}`, name]),
    ...Object.keys(recipe.curate.mix ?? {}).map((name): [string, string] => [`curate.mix.${name}`, name]),
    ...recipe.import.sources.map(({ domain }, at): [string, string | null] => [`import.sources.${at}.domain`, domain]),
    ...Object.entries(recipe.modifiers).map(([name, { domain }]): [string, string] => [
      `modifiers.${name}.domain`,
      domain,
    ]),
  ];
  const tasks = [...TASKS.keys()];
  const leftOut = (['questions', 'synthesize'] as const).flatMap((section) =>
    (recipe[section].without ?? []).map((name, at): [string, string] => [`${section}.without.${at}`, name]),
  );
  const unknownTasks = leftOut.flatMap(([place, name]) => {
    if (tasks.includes(name)) return [];
    const near = nearest(name, tasks);
    const hint = near ? `did you mean "${near}"?` : 'the READMEs of packages/teachers/src/procedural list them';
    return [`${place}: no generator is called "${name}"; ${hint}`];
  });
  const unknownDomains = named.flatMap(([place, name]) => {
    if (name === null || known.includes(name)) return [];
    const near = nearest(name, known);
    const hint = near ? `did you mean "${near}"?` : `there are ${known.join(', ')}`;
    return [`${place}: no domain is called "${name}"; ${hint}`];
  });
  return [...unknownDomains, ...unknownTasks];
}

function findMisplaced({ domains, questions, synthesize, modifiers }: Recipe): string[] {
  const isOwn = (name: string) => Object.hasOwn(domains, name) && !isBuiltIn(name);
  return [
    ...Object.keys(questions.domains)
      .filter(isOwn)
      .map(
        (name) => `questions.domains.${name}: its held-out examples are asked; domains.${name}.heldOut says how many`,
      ),
    ...Object.keys(synthesize.domains)
      .filter(isOwn)
      .map(
        (name) =>
          `synthesize.domains.${name}: no generator makes questions of it; its examples are trained on as they are`,
      ),
    ...Object.entries(modifiers)
      .filter(([, { domain, seedPrompts }]) => isOwn(domain) && seedPrompts !== null)
      .map(
        ([name, { domain }]) =>
          `modifiers.${name}.seedPrompts: all training examples of ${domain} are its seed prompts; leave it out`,
      ),
  ];
}
