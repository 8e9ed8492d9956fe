import { codingTasks } from './coding/coding-tasks.ts';
import { commonSenseTasks } from './common-sense/common-sense-tasks.ts';
import { instructionFollowingTasks } from './instruction-following/instruction-following-tasks.ts';
import { mathTasks } from './math/math-tasks.ts';
import { readingTasks } from './reading/reading-tasks.ts';
import { reasoningTasks } from './reasoning/reasoning-tasks.ts';
import { summarizationTasks } from './summarization/summarization-tasks.ts';
import type { Task } from './task.ts';
import { toolUseTasks } from './tool-use/tool-use-tasks.ts';

/** All tasks by name. */
export const TASKS: ReadonlyMap<string, Task> = new Map(
  [
    codingTasks,
    mathTasks,
    toolUseTasks,
    reasoningTasks,
    readingTasks,
    summarizationTasks,
    commonSenseTasks,
    instructionFollowingTasks,
  ]
    .flat()
    .map((task) => [task.name, task]),
);
