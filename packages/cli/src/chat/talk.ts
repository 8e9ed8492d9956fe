import { createInterface } from 'node:readline/promises';
import { CogumiError } from '@cogumi/contracts';
import type { Runtime } from '@cogumi/runtime';
import { dim, paint } from '../terminal/style.ts';
import { runChatCommand } from './chat-command.ts';
import type { Conversation } from './conversation.ts';
import { describeReply } from './describe-reply.ts';

/** Runs a conversation in the terminal until /quit, Ctrl-D, or Ctrl-C at the prompt. */
export async function talk(
  conversation: Conversation,
  { served, models }: Runtime,
  signal: AbortSignal,
): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, signal });
  const left = new AbortController();
  lines.once('close', () => left.abort());
  let running: AbortController | null = null;
  // In raw mode Ctrl-C arrives as a key, not as a signal.
  lines.on('SIGINT', () => (running ? running.abort() : lines.close()));

  console.log(
    `${paint('bold', served.name)} ${dim(`${models.length - 1} models, ${served.digest?.slice(0, 19) ?? served.path}; /help`)}`,
  );
  while (!left.signal.aborted) {
    const line = await lines.question(`${paint('green', '>')} `, { signal: left.signal }).catch(() => null);
    if (line === null) break;
    if (line.trim() === '') continue;
    try {
      const command = runChatCommand(line, conversation);
      if (command?.ends) break;
      if (command) {
        if (command.text !== '') console.log(dim(command.text));
      } else if (/^\/\w+(\s|$)/.test(line.trim())) {
        console.log(dim(`There is no command ${line.trim().split(/\s/)[0]}; /help lists the commands.`));
      } else {
        running = new AbortController();
        const reply = await conversation.ask(line.trim(), (text) => process.stdout.write(text), running.signal);
        console.log(`\n${dim(describeReply(reply))}`);
      }
    } catch (error) {
      if (error instanceof CogumiError)
        console.log(`${paint('red', `error ${error.code}:`)} ${error.message}\n  ${error.hint}`);
      else if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    } finally {
      running = null;
    }
  }
  lines.close();
  console.log();
}
