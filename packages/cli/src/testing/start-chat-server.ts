import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A chat that the server is asked to complete. */
export interface AskedChat {
  readonly model: string;
  readonly temperature: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** Starts a server of OpenAI's chat completions with these models. @returns The server, and the environment in which `vllm:…` is it. */
export async function startChatServer(
  models: readonly string[],
  usage: { readonly prompt_tokens: number; readonly completion_tokens: number },
  answer: (chat: AskedChat) => Promise<string> | string,
): Promise<{ server: Server; environment: Record<string, string> }> {
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    const data = models.map((id) => ({ id }));
    if (request.method === 'GET') return response.end(JSON.stringify({ object: 'list', data }));
    const chat = JSON.parse(Buffer.concat((await Array.fromAsync(request)) as Buffer[]).toString()) as AskedChat;
    const message = { role: 'assistant', content: await answer(chat) };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const tokens = { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };
    response.end(JSON.stringify({ id: '1', model: chat.model, choices, usage: tokens }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { server, environment: { VLLM_BASE_URL: url, NO_COLOR: '1' } };
}
