import type { Form } from './record-forms.ts';
import type { Written } from './write-training-files.ts';

/**
 * The file `dataset_info.json` by which LLaMA-Factory finds the files of its `dataset_dir` (its `data/README.md`): a data set for each
 * split, under the names `train` and `validation`. null for forms that it does not read.
 */
export function datasetInfo({ files, optional }: Written, form: Form): object | null {
  const described = describe(form, optional);
  if (described === null) return null;
  return Object.fromEntries(files.map(({ split, name }) => [split, { file_name: name, ...described }]));
}

function describe(form: Form, { system, history }: Written['optional']): object | null {
  if (form === 'alpaca') {
    const columns = { prompt: 'instruction', query: 'input', response: 'output' };
    return { columns: { ...columns, ...(system && { system: 'system' }), ...(history && { history: 'history' }) } };
  }
  if (form === 'sharegpt') return { formatting: 'sharegpt', columns: { messages: 'conversations' } };
  if (form !== 'messages') return null;
  const tags = {
    role_tag: 'role',
    content_tag: 'content',
    user_tag: 'user',
    assistant_tag: 'assistant',
    observation_tag: 'tool',
    system_tag: 'system',
  };
  return { formatting: 'sharegpt', columns: { messages: 'messages' }, tags };
}
