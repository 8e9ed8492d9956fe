/** The APIs that answer a chat. */
export const APIS = ['chat', 'messages', 'responses'] as const;
export type Api = (typeof APIS)[number];

export interface Question {
  readonly api: Api;
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: number;
  readonly stream: boolean;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

export interface Told {
  readonly text: string;
  /** Null: the whole answer came. */
  readonly failure: Failure | null;
  /** Milliseconds from the request to the first piece of text; null: none came. */
  readonly firstMs: number | null;
}

/** `left`: this client hung up. `broken`: the connection ended in the middle. `error`: the server said why. */
export type Failure =
  | { readonly kind: 'left' | 'broken' }
  | { readonly kind: 'error'; readonly status: number; readonly own: boolean; readonly text: string };

const PATHS: Readonly<Record<Api, string>> = {
  chat: '/v1/chat/completions',
  messages: '/v1/messages',
  responses: '/v1/responses',
};

/** Asks at temperature 0 and reads the answer as a client of that API does. */
export async function ask(url: string, question: Question): Promise<Told> {
  const { api, stream, key, signal } = question;
  const began = performance.now();
  let text = '';
  let firstMs: number | null = null;
  const told = (failure: Failure | null): Told => ({ text, failure, firstMs });
  const add = (piece: string) => {
    if (piece === '') return;
    firstMs ??= performance.now() - began;
    text += piece;
  };
  const failed = (status: number, error: string): Told =>
    told({ kind: 'error', status, own: isOwn(api, error), text: error });
  try {
    const reply = await fetch(url + PATHS[api], {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(bodyOf(question)),
      ...(signal && { signal }),
    });
    if (!reply.ok) return failed(reply.status, await reply.text());
    if (!stream) {
      add(wholeText(api, await reply.json()));
      return told(null);
    }
    let rest = '';
    let ended = false;
    for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>) {
      rest += Buffer.from(chunk).toString('utf8');
      const events = rest.split('\n\n');
      rest = events.pop() as string;
      for (const event of events) {
        const data =
          event
            .split('\n')
            .find((line) => line.startsWith('data: '))
            ?.slice('data: '.length) ?? '';
        if (isError(data)) return failed(reply.status, data);
        add(deltaOf(api, data));
        ended ||= /^\[DONE\]$|"message_stop"|"response\.(completed|incomplete)"/.test(data);
      }
    }
    return told(ended ? null : { kind: 'broken' });
  } catch {
    return told({ kind: signal?.aborted ? 'left' : 'broken' });
  }
}

function bodyOf({ api, model, prompt, maxTokens, stream }: Question): object {
  const messages = [{ role: 'user', content: prompt }];
  if (api === 'responses') return { model, input: prompt, max_output_tokens: maxTokens, stream, temperature: 0 };
  return { model, messages, max_tokens: maxTokens, stream, temperature: 0 };
}

function wholeText(api: Api, body: unknown): string {
  // biome-ignore lint/suspicious/noExplicitAny: answers of three APIs, of which one text each is read.
  const answer = body as any;
  if (api === 'chat') return answer.choices[0].message.content;
  if (api === 'messages') return answer.content[0].text;
  return answer.output[0]?.content[0]?.text ?? '';
}

function deltaOf(api: Api, data: string): string {
  if (data === '' || data === '[DONE]') return '';
  const event = JSON.parse(data);
  if (api === 'chat') return event.choices?.[0]?.delta?.content ?? '';
  if (api === 'messages') return event.type === 'content_block_delta' ? (event.delta.text ?? '') : '';
  return event.type === 'response.output_text.delta' ? event.delta : '';
}

function isError(data: string): boolean {
  return data.startsWith('{"error"') || data.startsWith('{"type":"error"');
}

/** Whether an error has the shape that this API's clients read. In the stream of a response it is an event with a code. */
function isOwn(api: Api, text: string): boolean {
  try {
    const { type, error, code, message } = JSON.parse(text);
    if (api === 'messages')
      return type === 'error' && typeof error.type === 'string' && typeof error.message === 'string';
    if (api === 'responses' && type === 'error') return typeof code === 'string' && typeof message === 'string';
    return typeof error.code === 'string' && typeof error.message === 'string';
  } catch {
    return false;
  }
}
