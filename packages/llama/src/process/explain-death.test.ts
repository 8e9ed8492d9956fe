import { describe, expect, it } from 'vitest';
import { ModelDiedError } from '../errors.ts';

const TOKENIZER = "terminate called after throwing an instance of 'std::out_of_range' | what():  _Map_base::at";
const ASSERT = 'llama-graph.cpp:12: GGML_ASSERT(n_expert > 0) failed';

describe('a process of llama.cpp that ended', () => {
  it.each([
    ['a tokenizer that lacks pieces', 'SIGABRT', TOKENIZER, 'tokenizer lacks a piece', 'export.preTokenizer'],
    ['a failed assertion', 'SIGABRT', ASSERT, 'its settings do not fit its tensors', 'Export the model again'],
    ['an allocation', 'SIGABRT', 'std::bad_alloc', 'memory ran out', '`--context`'],
    ['a kill by the system', 'SIGKILL', '', 'ran out of memory', '`--context`'],
    ['a file that changed', 'SIGBUS', '', 'cut or replaced', 'disk is full'],
    ['nothing known', 'SIGSEGV', '', '(SIGSEGV) while loading /models/a.gguf.', 'Export the model again'],
  ])('names the file and the likely cause: %s', (_, signal, line, message, hint) => {
    const error = new ModelDiedError(signal, null, line === '' ? [] : [line], {
      doing: 'loading',
      file: '/models/a.gguf',
    });
    expect(error.message).toContain(message);
    expect(error.message).toContain('while loading /models/a.gguf');
    expect(error.hint).toContain(hint);
    expect(`${error.message} ${error.hint}`).not.toMatch(/send the request again/i);
  });
});
