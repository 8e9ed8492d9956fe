import type { BuiltInDomain } from '@cogumi/contracts';
import { codingTasks } from './coding/coding-tasks.ts';
import { commonSenseTasks } from './common-sense/common-sense-tasks.ts';
import { instructionFollowingTasks } from './instruction-following/instruction-following-tasks.ts';
import { mathTasks } from './math/math-tasks.ts';
import { readingTasks } from './reading/reading-tasks.ts';
import { reasoningTasks } from './reasoning/reasoning-tasks.ts';
import { summarizationTasks } from './summarization/summarization-tasks.ts';
import type { Task } from './task.ts';
import { toolUseTasks } from './tool-use/tool-use-tasks.ts';

/** The built-in domains, each with the generators of its questions, which check answers as well. */
const DOMAIN_TASKS: Readonly<Record<BuiltInDomain, readonly Task[]>> = {
  coding: codingTasks,
  math: mathTasks,
  tool_use: toolUseTasks,
  reasoning: reasoningTasks,
  reading: readingTasks,
  summarization: summarizationTasks,
  common_sense: commonSenseTasks,
  instruction_following: instructionFollowingTasks,
};

/** All tasks by name. */
export const TASKS: ReadonlyMap<string, Task> = new Map(
  Object.values(DOMAIN_TASKS)
    .flat()
    .map((task) => [task.name, task]),
);
