// LangChain.js against a server of Cogumi. Prints what it got as JSON; tests/exam/clients.test.ts judges it.
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';

const [, , baseURL, model] = process.argv;
const options = { model, apiKey: 'none', configuration: { baseURL }, maxRetries: 0, temperature: 0 };
const got = {};
for (const [name, useResponsesApi] of [
  ['chat', false],
  ['responses', true],
]) {
  const chat = new ChatOpenAI({ ...options, maxTokens: 120, useResponsesApi });
  const brief = new ChatOpenAI({ ...options, maxTokens: 16, useResponsesApi });
  const whole = await brief.invoke('Say hello.');
  let streamed = '';
  for await (const chunk of await brief.stream('Say hello.')) streamed += chunk.text;
  const City = z.object({ city: z.string().max(20), people: z.int().min(0).max(999) });
  const structured = await chat.withStructuredOutput(City, { name: 'city', method: 'jsonSchema' }).invoke('A city?');
  const called = await chat.withStructuredOutput(City, { name: 'city', method: 'functionCalling' }).invoke('A city?');
  const weather = tool(async ({ city }) => JSON.stringify({ city, sky: 'clear' }), {
    name: 'weather',
    description: 'Tells the weather of a city.',
    schema: z.object({ city: z.string().max(20) }),
  });
  const question = new HumanMessage('What is the weather in Rome?');
  const bound = chat.bindTools([weather], { tool_choice: 'weather', parallel_tool_calls: false });
  const call = await bound.invoke([question]);
  const results = await Promise.all(call.tool_calls.map((each) => weather.invoke(each)));
  const last = await brief.bindTools([weather], { tool_choice: 'none' }).invoke([question, call, ...results]);
  let streamedCall;
  for await (const chunk of await bound.stream([question])) {
    streamedCall = streamedCall === undefined ? chunk : streamedCall.concat(chunk);
  }
  got[name] = {
    text: whole.text,
    streamed,
    usage: whole.usage_metadata,
    structured,
    called,
    calls: call.tool_calls.map(({ name: toolName, args }) => ({ toolName, input: args })),
    results: results.map((each) => [each instanceof ToolMessage, JSON.parse(each.content).sky]),
    last: last.text,
    streamedCalls: streamedCall.tool_calls.map(({ name: toolName, args }) => ({ toolName, input: args })),
  };
}
got.completion = { text: await new OpenAI({ ...options, maxTokens: 16 }).invoke('Say hello.') };
const vectors = await new OpenAIEmbeddings(options).embedDocuments(['one', 'two']);
got.embeddings = { lengths: vectors.map((each) => Math.hypot(...each)) };
console.log(JSON.stringify(got));
