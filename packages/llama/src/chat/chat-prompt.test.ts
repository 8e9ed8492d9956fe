import { describe, expect, it } from 'vitest';
import { chatPrompt } from './chat-prompt.ts';

const TEMPLATE =
  '{{ bos_token }}{% for message in messages %}<{{ message.role }}>{{ message.content }}{{ eos_token }}{% endfor %}' +
  '{% if add_generation_prompt %}<assistant>{% endif %}';

describe('chatPrompt', () => {
  it('renders a conversation up to the start of the answer', () => {
    const info = { chatTemplate: TEMPLATE, bosText: '<s>', eosText: '</s>' };
    expect(
      chatPrompt(info, [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Who are you?' },
      ]),
    ).toBe('<s><system>Be kind.</s><user>Who are you?</s><assistant>');
  });

  it('refuses a model without a template', () => {
    expect(() => chatPrompt({ chatTemplate: null, bosText: '', eosText: '' }, [])).toThrow('has no chat template');
  });
});
