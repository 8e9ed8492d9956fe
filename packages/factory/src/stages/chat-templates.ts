import { z } from 'zod';

interface Template {
  /** Tokens that the template writes; a tokenizer without them would cut them into pieces that never end a turn. */
  readonly marks: readonly string[];
  /** The one of them that ends an answer; null: the end mark that the model has. */
  readonly end: string | null;
  /** Jinja, as `chat_template.jinja` holds it. */
  readonly jinja: string;
}

/**
 * Chat templates for bases that have none, by the name of the format. Sources: OpenAI's ChatML; the model cards of Llama 3 and Gemma.
 * `plain` needs no token but the end mark that every model has.
 */
export const CHAT_TEMPLATES = {
  chatml: {
    marks: ['<|im_start|>', '<|im_end|>'],
    end: '<|im_end|>',
    jinja:
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  },
  'llama-3': {
    marks: ['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>'],
    end: '<|eot_id|>',
    jinja:
      "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
  },
  // Gemma has no turn of the system: its text goes before the first question.
  gemma: {
    marks: ['<start_of_turn>', '<end_of_turn>'],
    end: '<end_of_turn>',
    jinja:
      "{{ bos_token }}{% set first = '' %}{% if messages[0]['role'] == 'system' %}{% set first = messages[0]['content'] + '\\n\\n' %}{% set messages = messages[1:] %}{% endif %}{% for message in messages %}{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\\n' + (first if loop.first else '') + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}",
  },
  plain: {
    marks: [],
    end: null,
    jinja:
      "{% for message in messages %}{{ {'system': 'System: ', 'user': 'User: ', 'assistant': 'Assistant: ', 'tool': 'Tool: '}[message['role']] + message['content'] + (eos_token if message['role'] == 'assistant' else '') + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant: ' }}{% endif %}",
  },
} as const satisfies Readonly<Record<string, Template>>;
export type ChatTemplateName = keyof typeof CHAT_TEMPLATES;

export const ChatTemplateOption = z
  .enum(Object.keys(CHAT_TEMPLATES) as [ChatTemplateName])
  .nullable()
  .default(null)
  .describe('Chat template for a base that has none, by name. null: the base has its own.');
