import { z } from 'zod';

type Schema = z.core.JSONSchema.BaseSchema & {
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
};

/** Sections with the same options as another section; the page refers to that one. */
const SAME_AS: Readonly<Record<string, string>> = {
  'modifiers.<name>.train': 'train',
  'domains.<domain>.examples': 'import.sources',
};

/** Text of docs/recipe.md: every key of a recipe, from the schema that checks recipes. */
export function recipeReference(recipe: z.ZodType): string {
  const { properties = {} } = z.toJSONSchema(recipe, { io: 'input' }) as Schema;
  const top = Object.entries(properties) as [string, Schema][];
  const plain = top.filter(([, schema]) => !isSection(schema));
  const sections = top.filter(([, schema]) => isSection(schema));
  return [
    INTRODUCTION,
    '## At the top\n',
    table(plain.flatMap(([name, schema]) => rowsOf(name, schema))),
    ...sections.flatMap(([name, schema]) => [
      `## \`${name}\`\n`,
      ...(schema.description ? [`${schema.description}\n`] : []),
      table(rowsOf(name, schema).filter(([key]) => key !== name)),
    ]),
  ].join('\n');
}

const INTRODUCTION = `# Recipe

A recipe is one YAML file that says what to build; \`cogumi build\` builds it. All keys except a name and a starting point have
defaults. An unknown key is an error that suggests the nearest existing key. All problems of a recipe are reported together.

[\`recipes/tiny.yaml\`](../recipes/tiny.yaml) and [\`recipes/nano.yaml\`](../recipes/nano.yaml) are examples;
\`cogumi plan FILE\` checks a recipe and shows what a build will do.

\`--set quantize.type=Q4_K_M\` (with \`plan\` and \`build\`) replaces one value of the recipe. It can be repeated; the last one
wins. The value is YAML: \`--set 'train={rank: 32, epochs: 2}'\` sets two keys and keeps the others; a list is replaced as a
whole. Paths in \`--set\` are relative to the working folder, paths in the file to the file.

This page is generated from the schema by \`scripts/write-generated.ts\`.
`;

type TableRow = readonly [key: string, type: string, fallback: string, meaning: string];

function isSection(schema: Schema): boolean {
  return sectionOf(schema) !== null;
}

/** The schema of a section: its own, or the one beside `null`. */
function sectionOf(schema: Schema): Schema | null {
  if (schema.type === 'object') return schema;
  const [inner, ...others] = ((schema.anyOf ?? []) as Schema[]).filter(({ type }) => type !== 'null');
  return inner?.type === 'object' && others.length === 0 ? inner : null;
}

/** Rows for a key and all keys below it. A section gets a row only if its schema has a description. */
function rowsOf(name: string, schema: Schema): TableRow[] {
  const same = SAME_AS[name];
  if (same) return [[name, 'section', '–', `As [\`${same}\`](#${same.split('.')[0]}).`]];
  const { description = '' } = schema;
  const section = (type: string, fallback: string): TableRow[] =>
    description === '' ? [] : [[name, type, fallback, description]];
  const kinds = kindsOf(schema);
  if (kinds.length > 0) {
    const key = (kind: string) => `${name}{${kind}}`;
    const rows = kinds.flatMap(([kind, { kind: label, ...settings }]) => [
      [key(kind), 'kind', '–', label?.description ?? ''] as TableRow,
      ...Object.entries(settings).flatMap(([setting, value]) => rowsOf(`${key(kind)}.${setting}`, value)),
    ]);
    return [...section('name of a kind, or a section with its `kind`', '–'), ...rows];
  }
  const named = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  if (named.length > 0) {
    return [...section('section', '–'), ...named.flatMap(([key, value]) => rowsOf(`${name}.${key}`, value))];
  }
  const inner = named.length === 0 && schema.type !== 'object' ? sectionOf(schema) : null;
  if (inner?.properties) {
    const keys = Object.entries(inner.properties as Record<string, Schema>);
    return [
      ...section('section or null', fallbackOf(schema)),
      ...keys.flatMap(([key, value]) => rowsOf(`${name}.${key}`, value)),
    ];
  }
  if (isSection(schema) && isObject(schema.additionalProperties)) {
    const key = `${name}.<${name.endsWith('domains') ? 'domain' : 'name'}>`;
    return [...section('sections', fallbackOf(schema)), ...rowsOf(key, schema.additionalProperties as Schema)];
  }
  if (schema.type === 'array' && isObject(schema.items) && isSection(schema.items as Schema)) {
    return [...section('list of sections', fallbackOf(schema)), ...rowsOf(`${name}[]`, schema.items as Schema)];
  }
  return [[name, typeOf(schema), fallbackOf(schema), description]];
}

/** Of a section that is one of several kinds: the settings of each, by kind. */
function kindsOf({ oneOf = [] }: Schema): [kind: string, settings: Record<string, Schema>][] {
  return (oneOf as Schema[]).flatMap(({ properties = {} }) => {
    const settings = properties as Record<string, Schema>;
    return typeof settings.kind?.const === 'string' ? [[settings.kind.const, settings]] : [];
  });
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (schema.anyOf) return (schema.anyOf as Schema[]).map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items as Schema)}`;
  const least = schema.exclusiveMinimum === undefined ? schema.minimum : schema.exclusiveMinimum;
  const most = schema.exclusiveMaximum ?? schema.maximum;
  const bounds = [
    ...(least === undefined || least <= Number.MIN_SAFE_INTEGER
      ? []
      : [`${schema.exclusiveMinimum === undefined ? '≥' : '>'} ${least}`]),
    ...(most === undefined || most >= Number.MAX_SAFE_INTEGER
      ? []
      : [`${schema.exclusiveMaximum === undefined ? '≤' : '<'} ${most}`]),
    ...(schema.multipleOf === undefined ? [] : [`multiple of ${schema.multipleOf}`]),
  ];
  const kinds: Readonly<Record<string, string>> = { integer: 'whole number', string: 'text', boolean: 'true or false' };
  const kind = [schema.type ?? 'anything'].flat().map((type) => kinds[type] ?? type);
  return [kind.join(' or '), bounds.join(', ')].join(' ').trim();
}

function fallbackOf({ default: value }: Schema): string {
  return value === undefined ? '–' : `\`${JSON.stringify(value)}\``;
}

function table(rows: readonly TableRow[]): string {
  const safe = (text: string) => text.replaceAll('|', '\\|');
  const line = (row: TableRow) => `| \`${row[0]}\` | ${safe(row[1])} | ${safe(row[2])} | ${safe(row[3])} |`;
  return ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows.map(line), ''].join('\n');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
