import { describe, expect, it } from 'vitest';
import { toolFormat } from './tool-format.ts';

const info = (chatTemplate: string) => ({
  chatTemplate,
  bosText: '<s>',
  eosText: '</s>',
  controlTexts: ['<|im_end|>', '</s>'],
});

/** As Qwen, Hermes and SmolLM3 write calls. */
const TAGGED =
  '{% if tools %}<|im_start|>system\n{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}<|im_end|>\n{% endif %}' +
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{% if m.tool_calls %}{% for call in m.tool_calls %}' +
  "{% if m.content or not loop.first %}{{ '\\n' }}{% endif %}" +
  '<tool_call>\n{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}\n</tool_call>' +
  '{% endfor %}{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';
/** As Llama 3.1 writes one call. */
const BARE =
  '{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% for m in messages %}<{{ m.role }}>' +
  "{% if m.tool_calls %}{% set call = m.tool_calls[0].function %}{% if m.tool_calls | length > 1 %}{{ raise_exception('one call') }}{% endif %}" +
  '{"name": "{{ call.name }}", "parameters": {{ call.arguments | tojson }}}</s>{% else %}{{ m.content }}</s>{% endif %}' +
  '{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}';
/** As Mistral writes calls. */
const LISTED =
  '{% if tools %}[TOOLS]{{ tools | tojson }}{% endif %}{% for m in messages %}' +
  '{% if m.tool_calls %}[TOOL_CALLS] [{% for call in m.tool_calls %}{{ call.function | tojson }}{% if not loop.last %}, {% endif %}{% endfor %}]</s>' +
  '{% elif m.role == "tool" %}[RESULT]{{ m.content }}{% else %}[INST]{{ m.content }}[/INST]{% endif %}{% endfor %}';

describe('toolFormat', () => {
  it('finds calls between tags', () => {
    expect(toolFormat(info(TAGGED))).toEqual({
      ...{ open: '<tool_call>\n', between: '\n</tool_call>\n<tool_call>\n', close: '\n</tool_call>' },
      ...{ nameKey: 'name', argumentsKey: 'arguments', nameFirst: true },
    });
  });

  it('finds bare calls, of which there is one', () => {
    expect(toolFormat(info(BARE))).toMatchObject({ open: '', between: '', close: '', argumentsKey: 'parameters' });
  });

  it('finds calls in a list', () => {
    expect(toolFormat(info(LISTED))).toMatchObject({ open: '[TOOL_CALLS] [', between: ', ', close: ']' });
  });

  it('is null for a template that leaves tools out', () => {
    expect(toolFormat(info('{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}'))).toBeNull();
  });
});
