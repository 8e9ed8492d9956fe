import { randomInt } from 'node:crypto';
import { CogumiError, EXIT, type Message } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { ContextLengthError, type RouteDecision, type Runtime } from '@cogumi/runtime';

export interface Reply extends Omit<RouteDecision, 'scores'> {
  readonly answer: string;
  readonly finishReason: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Number of earlier messages that were dropped because the context was full. */
  readonly forgotten: number;
}

/** One chat. When the context is full, the oldest turns are dropped. */
export class Conversation {
  readonly #runtime: Runtime;
  readonly #limits: { readonly temperature: number; readonly maxTokens?: number };
  #messages: Message[] = [];
  /** Route of the next answers; null: the router decides. */
  route: string | null = null;

  constructor(runtime: Runtime, limits: { readonly temperature: number; readonly maxTokens?: number }) {
    this.#runtime = runtime;
    this.#limits = limits;
  }

  /** Names that `choose` accepts. */
  get names(): string[] {
    return ['auto', ...this.#runtime.models.flatMap(({ route }) => route ?? [])];
  }

  /** @param name - `auto`, `base`, a modifier, or a model id such as `nano:code`. @throws CogumiError MODEL_UNKNOWN. */
  choose(name: string): void {
    const model = this.#runtime.models.find(({ id, route }) => id === name || (route ?? 'auto') === name);
    if (!model) {
      const near = nearest(name, this.names);
      throw new CogumiError(
        'MODEL_UNKNOWN',
        `There is no model "${name}" in this bundle.${near === null ? '' : ` Did you mean "${near}"?`}`,
        `Choose one of ${this.names.join(', ')}.`,
        { exitCode: EXIT.usage },
      );
    }
    this.route = model.route;
  }

  clear(): void {
    this.#messages = [];
  }

  /**
   * Asks a question in the context of the conversation.
   *
   * @param onText - Receives each piece of the answer.
   * @param signal - Aborting it ends the answer early; the text so far stays in the conversation.
   * @throws as `Runtime.answer`; ContextLengthError only if the question by itself is too long.
   */
  async ask(question: string, onText: (text: string) => void, signal: AbortSignal): Promise<Reply> {
    const message: Message = { role: 'user', content: question };
    let kept = this.#messages;
    for (;;) {
      try {
        const { decision, pieces } = await this.#runtime.answer(
          {
            ...this.#limits,
            messages: [...kept, message],
            route: this.route,
            seed: randomInt(2 ** 32),
          },
          signal,
        );
        let answer = '';
        for await (const piece of pieces) {
          if (piece.kind === 'text') {
            answer += piece.text;
            onText(piece.text);
            continue;
          }
          if (piece.kind !== 'end') continue;
          const { finishReason, promptTokens, completionTokens } = piece;
          const forgotten = this.#messages.length - kept.length;
          this.#messages = [...kept, message, { role: 'assistant', content: answer }];
          const { scores: _, ...route } = decision;
          return { answer, ...route, finishReason, promptTokens, completionTokens, forgotten };
        }
        throw new Error('The answer ended without a final piece.');
      } catch (error) {
        if (!(error instanceof ContextLengthError) || kept.length === 0) throw error;
        // Drop the oldest question with its answer.
        kept = kept.slice(2);
      }
    }
  }
}
