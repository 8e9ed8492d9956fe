import type { ModelReply, Question } from './ask-model.ts';
import { hashOf } from './ask-model.ts';
import type { BatchOutcome, BatchPlan } from './faults.ts';
import type { createRequestLog, LoggedRequest } from './request-log.ts';

export interface StoredRequest {
  readonly customId: string;
  readonly question: Question;
}

export interface StoredResult {
  readonly customId: string;
  readonly outcome: BatchOutcome | 'cancelled';
  readonly answered: ModelReply | null;
  readonly question: Question;
}

/** A batch in any state. */
export interface StoredBatch {
  readonly id: string;
  readonly createdMs: number;
  readonly requests: readonly StoredRequest[];
  /** Fields of its API. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly plan: BatchPlan;
  pollsLeft: number;
  cancelled: boolean;
  /** null while it runs. */
  results: readonly StoredResult[] | null;
  logged: readonly LoggedRequest[];
}

/** All batches of a server, newest first. A batch runs after as many polls as its plan says. */
export function createBatchStore(
  model: (question: Question) => ModelReply,
  log: ReturnType<typeof createRequestLog>,
  planFor: (batch: { number: number; customIds: readonly string[] }) => BatchPlan,
) {
  const batches: StoredBatch[] = [];

  function run(batch: StoredBatch): void {
    const logged: LoggedRequest[] = [];
    batch.results = batch.requests.map(({ customId, question }, place) => {
      const outcome = batch.cancelled ? 'cancelled' : (batch.plan.outcome?.(customId, place) ?? 'ok');
      const ran = ['ok', 'twice', 'broken', 'missing'].includes(outcome);
      const answered = ran ? model(question) : null;
      if (answered) {
        const { inputTokens, outputTokens } = answered.usage;
        const charge = { inputTokens, outputTokens, status: 200, fault: null, delivered: false };
        const entry = {
          id: batch.id,
          method: 'POST',
          path: 'batch',
          model: question.model,
          asked: hashOf(question),
          customId,
          ...charge,
        };
        logged.push(log.add(entry));
      }
      return { customId, outcome, answered, question };
    });
    batch.logged = logged;
  }

  return {
    batches,
    add(
      prefix: string,
      requests: readonly StoredRequest[],
      extra: Readonly<Record<string, unknown>> = {},
    ): StoredBatch {
      const number = batches.length + 1;
      const plan = planFor({ number, customIds: requests.map(({ customId }) => customId) });
      const state = { pollsLeft: plan.polls ?? 0, cancelled: false, results: null, logged: [] };
      const batch: StoredBatch = { id: `${prefix}${number}`, createdMs: Date.now(), requests, extra, plan, ...state };
      batches.unshift(batch);
      return batch;
    },
    find: (id: string) => batches.find((batch) => batch.id === id) ?? null,
    /** Registers a poll of the batch. */
    poll(batch: StoredBatch): void {
      if (batch.results !== null || batch.plan.invalid !== undefined) return;
      if (batch.pollsLeft > 0 && !batch.cancelled) batch.pollsLeft--;
      else run(batch);
    },
  };
}
export type BatchStore = ReturnType<typeof createBatchStore>;

/** The lines of a result file, with the planned defects. A `missing` request was answered, and its line is lost. */
export function resultLines(
  batch: StoredBatch,
  results: readonly StoredResult[],
  toLine: (result: StoredResult) => string,
): string[] {
  const lines = results.flatMap((result) => {
    const line = toLine(result);
    if (result.outcome === 'missing') return [];
    if (result.outcome === 'broken') return [line.slice(0, line.length / 2)];
    return result.outcome === 'twice' ? [line, line] : [line];
  });
  return batch.plan.reversed ? lines.reverse() : lines;
}

/** Marks the requests of a result file as delivered, after its last byte was sent. */
export function deliveredBy(batch: StoredBatch): () => void {
  return () => {
    for (const logged of batch.logged) logged.delivered = true;
  };
}
