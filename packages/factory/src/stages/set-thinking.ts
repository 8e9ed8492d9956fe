import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CogumiError, EXIT } from '@cogumi/contracts';

const FILE = 'chat_template.jinja';

/** The variable by which chat templates ask whether the model thinks before it answers. */
const VARIABLE = 'enable_thinking';

/** Beginning of a template that no longer asks. */
const SET = `{%- set ${VARIABLE}`;

/**
 * Fixes in a model folder's chat template whether the model thinks before it answers: a template can ask, and nobody who serves or
 * trains the model would answer it.
 *
 * @param thinking - undefined: the template stays as it is; a warning says that it asks.
 * @throws CogumiError CHAT_TEMPLATE when it does not ask.
 */
export async function setThinking(
  folder: string,
  thinking: boolean | undefined,
  warn: (message: string) => void,
): Promise<void> {
  const template = await readTemplate(folder);
  const asks = template?.includes(VARIABLE) === true && !template.startsWith(SET);
  if (thinking === undefined) {
    if (asks) {
      warn(
        `The base may think before it answers: its chat template asks for \`${VARIABLE}\`. Answers are cut after \`evaluate.maxTokens\`; set \`base.thinking\` to false or true.`,
      );
    }
    return;
  }
  if (!asks) {
    throw new CogumiError(
      'CHAT_TEMPLATE',
      `\`base.thinking\` is ${thinking}, and the chat template of the base does not ask for \`${VARIABLE}\`.`,
      'Leave `base.thinking` out: this model thinks, or does not, whatever is set.',
      { exitCode: EXIT.usage },
    );
  }
  await writeFile(join(folder, FILE), `${SET} = ${thinking} -%}${template}`);
}

/** The template that transformers and llama.cpp's converter take: the file's own, else that of the tokenizer's config. */
async function readTemplate(folder: string): Promise<string | null> {
  const own = await readText(join(folder, FILE));
  if (own !== null) return own;
  const config = await readText(join(folder, 'tokenizer_config.json'));
  const { chat_template: template } = JSON.parse(config ?? '{}') as { chat_template?: unknown };
  if (typeof template === 'string') return template;
  const named = Array.isArray(template) ? template.find((entry) => entry?.name === 'default') : null;
  return typeof named?.template === 'string' ? named.template : null;
}

async function readText(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(() => null);
}
