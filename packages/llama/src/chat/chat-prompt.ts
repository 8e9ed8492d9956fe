import { CogumiError, type Message } from '@cogumi/contracts';
import { Template } from '@huggingface/jinja';

const compiled = new Map<string, Template>();

/** Renders messages with the model's own chat template, up to the start of the answer. @throws CogumiError CHAT_TEMPLATE. */
export function chatPrompt(
  info: { readonly chatTemplate: string | null; readonly bosText: string; readonly eosText: string },
  messages: readonly Message[],
): string {
  const { chatTemplate, bosText, eosText } = info;
  if (chatTemplate === null) {
    throw new CogumiError(
      'CHAT_TEMPLATE',
      'The model has no chat template.',
      'Export it from a model folder with a chat template.',
    );
  }
  let template = compiled.get(chatTemplate);
  if (!template) {
    template = new Template(chatTemplate);
    compiled.set(chatTemplate, template);
  }
  return template.render({
    messages: [...messages],
    add_generation_prompt: true,
    bos_token: bosText,
    eos_token: eosText,
  });
}
