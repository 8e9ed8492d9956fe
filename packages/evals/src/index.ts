export { type AnswerCache, openAnswerCache, type Reply } from './cache/answer-cache.ts';
export type { EvalModel } from './models/eval-model.ts';
export { type HostModelOptions, hostModel } from './models/host-model.ts';
export { teacherModel } from './models/teacher-model.ts';
export { type Comparison, compareTask } from './report/compare-task.ts';
export { type Score, summarizeTask, type TaskSummary } from './report/summarize-task.ts';
export { type RowFile, readRows } from './rows/read-rows.ts';
export { type RunTaskOptions, runTask, type ScoredItem } from './run-task.ts';
export { type ExactMatchOptions, exactMatch } from './scoring/exact-match.ts';
export { extractMatch, NO_MATCH } from './scoring/extract-match.ts';
export { type RunProgramsOptions, runPrograms } from './scoring/run-programs.ts';
export { type BbhRow, type BbhRows, bbh, bbhZeroShot, readBbh, scoreBbhZeroShot } from './tasks/bbh/bbh.ts';
export { BFCL_CATEGORIES, bfcl, scoreBfcl } from './tasks/bfcl/bfcl.ts';
export { HumanEvalRow, humanEval } from './tasks/code/human-eval.ts';
export { MbppRow, mbpp, mbppSplit } from './tasks/code/mbpp.ts';
export { Gsm8kRow, gsm8k, scoreGsm8k } from './tasks/gsm8k.ts';
export { IfevalRow, ifeval } from './tasks/ifeval/ifeval.ts';
export { type LoadTaskOptions, loadTask, TASK_NAMES, type TaskName } from './tasks/load-task.ts';
export { MmluRow, mmlu } from './tasks/mmlu.ts';
export { loadMtBench, type MtBench, type MtBenchQuestion } from './tasks/mt-bench/mt-bench.ts';
export { type RatedQuestion, type Rater, type RunMtBenchOptions, runMtBench } from './tasks/mt-bench/run-mt-bench.ts';
export {
  compareRatings,
  type MtBenchSummary,
  type RatingComparison,
  type RatingSummary,
  summarizeRatings,
} from './tasks/mt-bench/summarize-ratings.ts';
export { ownQuestions, type QuestionFields } from './tasks/own-questions.ts';
export type {
  ChatRequest,
  ChoiceItem,
  ChoiceRequest,
  CodeItem,
  GenerationItem,
  GenerationRequest,
  Item,
  Scores,
  Task,
  TaskOptions,
} from './tasks/task.ts';
export { TruthfulQaRow, truthfulQa } from './tasks/truthfulqa.ts';
