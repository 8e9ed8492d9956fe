import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chatPrompt } from '@cogumi/llama';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setThinking } from './set-thinking.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogumi-thinking-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Ends as Qwen 3's template does. */
const QWEN =
  "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{%- endfor %}" +
  "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}" +
  "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}{%- endif %}";
const file = () => join(folder, 'chat_template.jinja');
const prompt = () =>
  chatPrompt({ chatTemplate: readFileSync(file(), 'utf8'), bosText: '', eosText: '<|im_end|>', controlTexts: [] }, [
    { role: 'user', content: 'Hi' },
  ]);
const warnings: string[] = [];
const set = (thinking?: boolean) => setThinking(folder, thinking, (message) => warnings.push(message));

describe('setThinking', () => {
  it('fixes what the template asks for, wherever it stands', async () => {
    const asked = '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n';
    writeFileSync(file(), QWEN);
    await set(false);
    expect(prompt()).toBe(`${asked}<think>\n\n</think>\n\n`);
    // The model of a bundle that is extended does not ask again.
    warnings.length = 0;
    await set();
    expect(warnings).toEqual([]);
    rmSync(file());
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: QWEN }));
    await set(true);
    expect(prompt()).toBe(asked);
    const named = [
      { name: 'tool_use', template: '' },
      { name: 'default', template: QWEN },
    ];
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: named }));
    rmSync(file());
    await set(false);
    expect(prompt()).toContain('</think>');
  });

  it('leaves the template as it is where nothing is set, and says that it asks', async () => {
    writeFileSync(file(), QWEN);
    warnings.length = 0;
    await set();
    expect(readFileSync(file(), 'utf8')).toBe(QWEN);
    expect(warnings).toEqual([expect.stringContaining('set `base.thinking` to false or true')]);
    writeFileSync(file(), '{{ messages }}');
    await set();
    expect(warnings).toHaveLength(1);
  });

  it('refuses to set what the template does not ask for', async () => {
    writeFileSync(file(), '{{ messages }}');
    await expect(set(false)).rejects.toMatchObject({
      code: 'CHAT_TEMPLATE',
      message: expect.stringContaining('does not ask for `enable_thinking`'),
    });
  });
});
