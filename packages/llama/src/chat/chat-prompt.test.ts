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

  it.each([
    ['refuses', "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}"],
    ['leaves out', "{% if messages[0].role == 'system' %}{% set messages = messages[1:] %}{% endif %}"],
  ])('puts the system text before the first question of a template that %s it', (_, start) => {
    const info = { chatTemplate: start + TEMPLATE, bosText: '<s>', eosText: '</s>' };
    const messages = [
      { role: 'system' as const, content: 'Be kind.' },
      { role: 'user' as const, content: 'Who are you?' },
    ];
    expect(chatPrompt(info, messages)).toBe('<s><user>Be kind.\n\nWho are you?</s><assistant>');
    expect(chatPrompt(info, messages.slice(0, 1))).toBe('<s><user>Be kind.</s><assistant>');
  });

  it('says which turns a template refuses, and why', () => {
    const info = { chatTemplate: "{{ raise_exception('must alternate') }}", bosText: '', eosText: '' };
    expect(() => chatPrompt(info, [{ role: 'tool', content: 'x' }])).toThrow(/the turns tool: .*must alternate/);
  });

  it('refuses a model without a template', () => {
    expect(() => chatPrompt({ chatTemplate: null, bosText: '', eosText: '' }, [])).toThrow('has no chat template');
  });
});
