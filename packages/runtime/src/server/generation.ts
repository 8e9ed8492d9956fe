import type { Answer, AnswerRequest, ChoicePiece, ServedModel, TextPrompt } from '../runtime.ts';
import type { ApiError } from './api-error.ts';
import type { OfferedModel } from './parse-body.ts';

/** What a request for generated text becomes, whatever API it came by. */
export interface Generation {
  readonly model: ServedModel;
  readonly stream: boolean;
  readonly answer: AnswerRequest;
  /** Prompts of a list behind the first, which are answered in the same way. Choices are numbered through all prompts. */
  readonly morePrompts?: readonly TextPrompt[];
}

/** What all parts of one reply share. */
export interface ReplyHead {
  /** As the header x-request-id says. */
  readonly requestId: string;
  /** UUID of the answer; APIs put their own prefix in front. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** Names the weights and the server that answered. */
  readonly fingerprint: string;
}

/** An event of a stream of server-sent events. */
export interface StreamEvent {
  readonly event?: string;
  readonly data: unknown;
}

/** Writes one answer in the form of an API: either `whole`, or as a stream: `begin`, `piece` for each, `end`. */
export interface Reply {
  whole(pieces: readonly ChoicePiece[]): object;
  begin(): readonly StreamEvent[];
  piece(piece: ChoicePiece): readonly StreamEvent[];
  end(): readonly StreamEvent[];
  /** The last event of a stream that failed. */
  failure(error: ApiError): StreamEvent;
}

/** An API that generates text. */
export interface GenerationApi<Request extends Generation = Generation> {
  readonly path: string;
  /** The field of the body that holds the prompt. Refusals name it. */
  readonly promptField: string;
  /** Checks a body. No field is ignored in silence. @throws ApiError 400, or 404 for a model that is not served. */
  parse(body: unknown, models: readonly OfferedModel[]): Request;
  reply(request: Request, head: ReplyHead, answer: Answer): Reply;
}
