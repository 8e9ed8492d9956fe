import { createInterface } from 'node:readline';
import { CogumiError, EXIT } from '@cogumi/contracts';
import { openRuntime } from '@cogumi/runtime';
import { asTyped } from '../as-typed.ts';
import { runChatCommand } from '../chat/chat-command.ts';
import { Conversation } from '../chat/conversation.ts';
import { talk } from '../chat/talk.ts';
import { findBundle } from '../find-bundle.ts';
import { UsageError, wholeNumber } from '../parse-call.ts';
import { RUNTIME_OPTIONS, runtimeOptions } from '../runtime-options.ts';
import { describeKvCache } from '../serve/describe-server.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  usage: '[bundle] [options]',
  details:
    'In a terminal it runs a conversation; /help lists its commands. From a pipe it answers each line as a separate\n' +
    'conversation; the commands work there, too. Without a name it opens the newest bundle in .cogumi/bundles.',
  positionals: { min: 0, max: 1 },
  options: {
    model: { type: 'string', value: '<name>', describe: '`base` or a modifier; default: the router decides' },
    temperature: {
      type: 'string',
      value: '<number>',
      describe: '0 to 2; 0 (default) always takes the most likely token',
    },
    'max-tokens': {
      type: 'string',
      value: '<number>',
      describe: 'most tokens of an answer; default: the rest of the context',
    },
    ...RUNTIME_OPTIONS,
  },
  async run({ positionals, options, json, signal }) {
    const limits = {
      temperature: temperature(options.temperature),
      ...(options['max-tokens'] === undefined
        ? {}
        : { maxTokens: wholeNumber('max-tokens', options['max-tokens'], 1, 2 ** 20) }),
    };
    const runtime = await openRuntime(await findBundle(positionals[0]), {
      sequences: 1,
      ...runtimeOptions(options),
      signal,
    });
    try {
      if (!json) for (const line of describeKvCache(runtime.load.kvCache)) console.error(line.trim());
      const conversation = new Conversation(runtime, limits);
      if (options.model !== undefined) conversation.choose(options.model);
      if (process.stdin.isTTY && process.stdout.isTTY && !json) await talk(conversation, runtime, signal);
      else await answerLines(conversation, json, signal);
    } finally {
      await runtime.close();
    }
    return signal.aborted ? EXIT.interrupted : EXIT.done;
  },
});

/** Answers each line of stdin. After a line that fails, the next line is still answered. @throws CogumiError CHAT_INCOMPLETE. */
async function answerLines(conversation: Conversation, json: boolean, signal: AbortSignal): Promise<void> {
  let failure: CogumiError | null = null;
  for await (const line of createInterface({ input: process.stdin, signal })) {
    const question = line.trim();
    if (question === '') continue;
    conversation.clear();
    try {
      const command = runChatCommand(question, conversation);
      if (command?.ends) break;
      if (command) {
        // The answers alone are on stdout, one line a question.
        if (command.text !== '') console.error(command.text);
        continue;
      }
      const reply = await conversation.ask(question, (text) => json || process.stdout.write(text), signal);
      if (json) console.log(JSON.stringify({ question, ...reply }));
      else process.stdout.write('\n');
    } catch (error) {
      if (!(error instanceof CogumiError)) throw error;
      failure ??= error;
      const { code } = error;
      const [message, hint] = [asTyped(error.message), asTyped(error.hint)];
      if (json) console.log(JSON.stringify({ question, error: { code, message, hint } }));
      else console.error(`error ${code}: ${message}\n  ${hint}`);
    }
  }
  if (failure) {
    throw new CogumiError(
      'CHAT_INCOMPLETE',
      `At least one question was not answered: ${failure.message}`,
      failure.hint,
      {
        cause: failure,
      },
    );
  }
}

function temperature(text: string | undefined): number {
  const value = Number(text ?? 0);
  if (value >= 0 && value <= 2) return value;
  throw new UsageError(
    `--temperature is ${JSON.stringify(text)}; it must be a number from 0 to 2.`,
    'For example: --temperature 0.7',
  );
}
