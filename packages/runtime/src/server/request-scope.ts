import type { Answer, ChoicePiece, Runtime } from '../runtime.ts';
import type { Generation } from './generation.ts';
import type { Client } from './keys/client.ts';
import type { RequestObserver } from './observe/request-observer.ts';
import type { RequestRecord } from './observe/request-record.ts';
import type { OfferedModel } from './parse-body.ts';

/** Key of requests that need none, in the queue. */
const NO_KEY = '';

/** One request, from its head to the end of all work for it, which a stream goes on with after its handler has returned. */
export class RequestScope {
  readonly record: RequestRecord;
  /** Answers this request, also if another takes its place meanwhile. */
  readonly runtime: Runtime;
  readonly #observers: readonly RequestObserver[];
  readonly #endings: (() => void)[] = [];
  readonly #began = performance.now();
  /** Of each answer, when its last piece came. */
  readonly #pieces: number[] = [];
  #client: Client | null = null;
  #ended = false;
  /** True: the handler has returned a stream, which ends the scope. */
  streaming = false;

  constructor(
    head: {
      readonly requestId: string;
      readonly method: string;
      readonly endpoint: string | null;
      readonly headers: Headers;
    },
    runtime: Runtime,
    observers: readonly RequestObserver[],
  ) {
    const { headers, ...identity } = head;
    this.runtime = runtime;
    this.#observers = observers;
    this.record = {
      ...identity,
      startedAt: Date.now(),
      key: null,
      status: 0,
      errorCode: null,
      model: null,
      decision: null,
      stream: false,
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: 0,
      finishReasons: [],
      queueMs: null,
      firstTokenMs: null,
      durationMs: 0,
    };
    for (const observer of observers) observer.begin?.(this.record, headers);
  }

  get requestId(): string {
    return this.record.requestId;
  }

  /** Name of the client's line in the queue. */
  get line(): string {
    return this.#client?.name ?? NO_KEY;
  }

  /** The client has shown its key. @throws ApiError 403, 429. */
  admit(client: Client): void {
    this.#client = client;
    this.record.key = client.name;
    client.checkEndpoint(this.record.endpoint ?? 'unknown paths');
    // Lists and health are free.
    if (this.record.method === 'POST') this.onEnd(client.begin());
  }

  /** All models, with what the client's key is for. */
  get models(): OfferedModel[] {
    return this.runtime.models.map((model) => ({ ...model, offered: this.#client?.mayUse(model.id) ?? true }));
  }

  /** The body names this model. @throws ApiError 403. */
  useModel(model: string): void {
    this.record.model = model;
    this.#client?.checkModel(model);
  }

  /** A body that asks for text is valid. @throws ApiError 403. */
  ask(request: Generation): void {
    this.record.stream = request.stream;
    this.useModel(request.model.id);
    for (const observer of this.#observers) observer.ask?.(this.record, request);
  }

  /** Its turn has come; of a list, that of its first prompt. */
  start(): void {
    this.record.queueMs ??= performance.now() - this.#began;
  }

  /** The answer to a prompt is prepared. The route of a list is that of its first prompt. */
  answer(prepared: Answer): void {
    this.record.promptTokens += prepared.promptTokens;
    this.record.decision ??= prepared.decision;
    for (const observer of this.#observers) observer.decide?.(this.record, prepared);
  }

  piece(piece: ChoicePiece): void {
    const { record } = this;
    const now = performance.now();
    const last = this.#pieces[piece.choice];
    this.#pieces[piece.choice] = now;
    if (piece.kind === 'end') {
      record.completionTokens += piece.completionTokens;
      record.cachedTokens += piece.cachedTokens;
      record.finishReasons.push(piece.finishReason);
    } else record.firstTokenMs ??= now - this.#began;
    // Pieces of several passes may come in one message.
    const gap = piece.kind === 'text' ? piece.gapMs : undefined;
    const gapMs = last === undefined ? null : (gap ?? now - last);
    for (const observer of this.#observers) observer.piece?.(record, piece, gapMs);
  }

  /** Called when the request has ended, the last added first. */
  onEnd(ending: () => void): void {
    this.#endings.unshift(ending);
  }

  end(status: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.record.status = status;
    this.record.durationMs = performance.now() - this.#began;
    this.#client?.useTokens(this.record.promptTokens + this.record.completionTokens);
    for (const ending of this.#endings) ending();
    for (const observer of this.#observers) observer.end?.(this.record);
  }
}
