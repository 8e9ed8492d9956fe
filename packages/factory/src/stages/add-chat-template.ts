import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { CHAT_TEMPLATES, type ChatTemplateName } from './chat-templates.ts';

const FILE = 'chat_template.jinja';
const GENERATION = 'generation_config.json';

/**
 * Gives a model folder the named chat template, or checks that it has one of its own.
 *
 * @param name - null: the folder has to have one.
 * @throws CogumiError CHAT_TEMPLATE when it has none and none is named, when it has one and another is named, or when its tokenizer
 * lacks a token that the named one writes.
 */
export async function addChatTemplate(folder: string, name: ChatTemplateName | null): Promise<void> {
  const own = await hasTemplate(folder);
  const refuse = (message: string, hint: string) =>
    new CogumiError('CHAT_TEMPLATE', message, hint, { exitCode: EXIT.usage });
  if (name === null) {
    if (own) return;
    throw refuse(
      'The base has no chat template.',
      `Name one with \`base.chatTemplate\`: ${Object.keys(CHAT_TEMPLATES).join(', ')}. Or add ${FILE} to its folder.`,
    );
  }
  if (own) {
    throw refuse(
      `The base has a chat template of its own, and \`base.chatTemplate\` is ${name}.`,
      'Leave `base.chatTemplate` out.',
    );
  }
  const { marks, end, jinja } = CHAT_TEMPLATES[name];
  const tokenizer = await readText(join(folder, 'tokenizer.json'));
  const missing = tokenizer === null ? [] : marks.filter((mark) => !tokenizer.includes(JSON.stringify(mark)));
  if (missing.length > 0) {
    throw refuse(
      `The chat template ${name} writes ${missing.join(', ')}, which the base's tokenizer does not know.`,
      'Take `base.chatTemplate: plain`, which needs no token of its own.',
    );
  }
  await writeFile(join(folder, FILE), jinja);
  if (end !== null && tokenizer !== null) await endAnswersWith(folder, end, tokenizer);
}

/** Adds a token to those that end an answer: a base knows only the end of its texts. @param tokenizer - Text of tokenizer.json. */
async function endAnswersWith(folder: string, end: string, tokenizer: string): Promise<void> {
  const { added_tokens: added = [], model } = JSON.parse(tokenizer) as {
    readonly added_tokens?: readonly { readonly content: string; readonly id: number }[];
    readonly model?: { readonly vocab?: Readonly<Record<string, number>> };
  };
  const id = added.find(({ content }) => content === end)?.id ?? model?.vocab?.[end];
  if (id === undefined) return;
  const read = async (file: string) =>
    JSON.parse((await readText(join(folder, file))) ?? '{}') as Readonly<Record<string, unknown>>;
  const settings = await read(GENERATION);
  const own = settings.eos_token_id ?? (await read('config.json')).eos_token_id ?? [];
  const ends = [...new Set([own, id].flat())];
  await writeFile(join(folder, GENERATION), `${JSON.stringify({ ...settings, eos_token_id: ends }, null, 2)}\n`);
}

async function hasTemplate(folder: string): Promise<boolean> {
  if ((await readText(join(folder, FILE))) !== null) return true;
  if ((await readText(join(folder, 'chat_template.json'))) !== null) return true;
  const config = await readText(join(folder, 'tokenizer_config.json'));
  return config !== null && (JSON.parse(config) as { chat_template?: unknown }).chat_template != null;
}

async function readText(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null);
}
