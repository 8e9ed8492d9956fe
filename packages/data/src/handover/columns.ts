import type { Form } from './record-forms.ts';

/** Fields that only some rows have: a file has them if one of its rows does, and then every record has them. */
export interface OptionalFields {
  readonly weight: boolean;
  readonly system: boolean;
  readonly history: boolean;
}

/** A column: a text, the turns of a chat, or earlier questions with their answers. */
export type Column =
  | { readonly name: string; readonly kind: 'text' }
  | { readonly name: string; readonly kind: 'pairs' }
  | { readonly name: string; readonly kind: 'turns'; readonly texts: readonly string[]; readonly weight: boolean };

/** The columns of a form; none for `rows`, whose fields are those of the row schema. */
export function columnsOf(form: Form, { weight, system, history }: OptionalFields): Column[] {
  const turns = (name: string, texts: readonly string[], weighed = false): Column => ({
    name,
    kind: 'turns',
    texts,
    weight: weighed,
  });
  switch (form) {
    case 'messages':
      return [turns('messages', ['role', 'content'], weight)];
    case 'prompt-completion':
      return [turns('prompt', ['role', 'content']), turns('completion', ['role', 'content'])];
    case 'sharegpt':
      return [turns('conversations', ['from', 'value'])];
    case 'alpaca': {
      const texts = ['instruction', 'input', 'output', ...(system ? ['system'] : [])];
      const columns = texts.map((name): Column => ({ name, kind: 'text' }));
      return history ? [...columns, { name: 'history', kind: 'pairs' }] : columns;
    }
    case 'rows':
      return [];
  }
}

/** The columns as `datasets` reads them from a data card, in YAML: without them it guesses from the beginning of a file. */
export function featuresYaml(columns: readonly Column[]): string[] {
  if (columns.length === 0) return [];
  return ['dataset_info:', '  features:', ...columns.flatMap(featureYaml)];
}

function featureYaml(column: Column): string[] {
  const name = `  - name: ${column.name}`;
  if (column.kind === 'text') return [name, '    dtype: string'];
  if (column.kind === 'pairs') return [name, '    list:', '      list: string'];
  const fields = column.texts.flatMap((text) => [`    - name: ${text}`, '      dtype: string']);
  return [name, '    list:', ...fields, ...(column.weight ? ['    - name: weight', '      dtype: int32'] : [])];
}
