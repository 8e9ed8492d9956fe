import { randomInt } from 'node:crypto';
import { CogumiError, EXIT, type Message } from '@cogumi/contracts';
import { nearest } from '@cogumi/pure';
import { ContextLengthError, type RouteDecision, type Runtime } from '@cogumi/runtime';

export interface Reply extends Omit<RouteDecision, 'scores'> {
  readonly answer: string;
  readonly finishReason: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Earlier turns that were left out, because the context could not hold them. */
  readonly forgotten: number;
}

/** Turns of one chat. What no longer fits into the context is forgotten from the front. */
export class Conversation {
  readonly #runtime: Runtime;
  readonly #limits: { readonly temperature: number; readonly maxTokens?: number };
  #messages: Message[] = [];
  /** null: the router decides. */
  route: string | null = null;

  constructor(runtime: Runtime, limits: { readonly temperature: number; readonly maxTokens?: number }) {
    this.#runtime = runtime;
    this.#limits = limits;
  }

  /** What `choose` takes. */
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
   * Asks, with the conversation so far.
   *
   * @param onText - Given each piece of the answer as it comes.
   * @param signal - Aborting it ends the answer early; what has come until then is kept.
   */
  async ask(question: string, onText: (text: string) => void, signal: AbortSignal): Promise<Reply> {
    const asked: Message = { role: 'user', content: question };
    let kept = this.#messages;
    for (;;) {
      try {
        const { decision, pieces } = await this.#runtime.answer(
          {
            ...this.#limits,
            messages: [...kept, asked],
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
          const { finishReason, promptTokens, completionTokens } = piece;
          const forgotten = this.#messages.length - kept.length;
          this.#messages = [...kept, asked, { role: 'assistant', content: answer }];
          const { scores: _, ...route } = decision;
          return { answer, ...route, finishReason, promptTokens, completionTokens, forgotten };
        }
        throw new Error('The answer has no end.');
      } catch (error) {
        if (!(error instanceof ContextLengthError) || kept.length === 0) throw error;
        // A question and its answer at a time.
        kept = kept.slice(2);
      }
    }
  }
}
