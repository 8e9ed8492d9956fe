// The Vercel AI SDK against a server of Cogumi. Prints what it got as JSON; tests/exam/clients.test.ts judges it.
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateText, isStepCount, jsonSchema, Output, streamText, tool } from 'ai';

const [, , baseURL, model] = process.argv;
const compatible = createOpenAICompatible({
  name: 'cogumi',
  baseURL,
  apiKey: 'none',
  supportsStructuredOutputs: true,
  includeUsage: true,
});
const openai = createOpenAI({ baseURL, apiKey: 'none' });
const providers = {
  compatible: compatible.chatModel(model),
  chat: openai.chat(model),
  responses: openai.responses(model),
};
const texts = { compatible: compatible.completionModel(model), completion: openai.completion(model) };
const schema = jsonSchema({
  type: 'object',
  properties: { city: { type: 'string', maxLength: 20 }, people: { type: 'integer', minimum: 0, maximum: 999 } },
  required: ['city', 'people'],
  additionalProperties: false,
});
const weather = tool({
  description: 'Tells the weather of a city.',
  inputSchema: jsonSchema({
    type: 'object',
    properties: { city: { type: 'string', maxLength: 20 } },
    required: ['city'],
    additionalProperties: false,
  }),
  execute: async ({ city }) => ({ city, sky: 'clear' }),
});
const ask = {
  prompt: 'Say hello.',
  maxOutputTokens: 16,
  maxRetries: 0,
  // Random weights would call until the length is over.
  providerOptions: { cogumi: { parallel_tool_calls: false }, openai: { parallelToolCalls: false } },
};

const got = {};
for (const [name, languageModel] of Object.entries(providers)) {
  const whole = await generateText({ model: languageModel, ...ask, temperature: 0 });
  const stream = streamText({ model: languageModel, ...ask, temperature: 0 });
  let streamed = '';
  for await (const text of stream.textStream) streamed += text;
  const usage = await stream.usage;
  const structured = await generateText({
    model: languageModel,
    ...ask,
    maxOutputTokens: 120,
    output: Output.object({ schema }),
  });
  // Two steps: the call, its result in the history, and an answer.
  const steps = await generateText({
    model: languageModel,
    ...ask,
    maxOutputTokens: 120,
    prompt: 'What is the weather in Rome?',
    tools: { weather },
    stopWhen: isStepCount(2),
    prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? 'required' : 'none' }),
  });
  const calling = streamText({
    model: languageModel,
    ...ask,
    maxOutputTokens: 120,
    prompt: 'What is the weather in Rome?',
    tools: { weather },
    toolChoice: { type: 'tool', toolName: 'weather' },
  });
  await calling.consumeStream();
  got[name] = {
    text: whole.text,
    streamed,
    finishReason: whole.finishReason,
    outputTokens: usage.outputTokens,
    structured: structured.output,
    calls: steps.steps.flatMap(({ toolCalls }) => toolCalls.map(({ toolName, input }) => ({ toolName, input }))),
    results: steps.steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output)),
    last: steps.text,
    streamedCalls: (await calling.toolCalls).map(({ toolName, input }) => ({ toolName, input })),
  };
}
for (const [name, languageModel] of Object.entries(texts)) {
  // It passes every option on, and a text has no calls.
  const { text } = await generateText({ model: languageModel, ...ask, temperature: 0, providerOptions: {} });
  got[`completion ${name}`] = { text };
}
for (const [name, embedder] of [
  ['compatible', compatible.embeddingModel(model)],
  ['openai', openai.embedding(model)],
]) {
  const { embeddings, usage } = await embedMany({ model: embedder, values: ['one', 'two'], maxRetries: 0 });
  got[`embeddings ${name}`] = { lengths: embeddings.map((each) => Math.hypot(...each)), tokens: usage.tokens };
}
const stop = new AbortController();
const aborted = streamText({ model: providers.chat, ...ask, maxOutputTokens: 400, abortSignal: stop.signal });
let pieces = 0;
for await (const _ of aborted.textStream) if (++pieces === 2) stop.abort();
got.aborted = { pieces };
console.log(JSON.stringify(got));
