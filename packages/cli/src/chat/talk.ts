import { createInterface } from 'node:readline/promises';
import { CogumiError } from '@cogumi/contracts';
import type { Runtime } from '@cogumi/runtime';
import { dim, paint } from '../terminal/style.ts';
import type { Conversation } from './conversation.ts';
import { describeReply } from './describe-reply.ts';

const HELP = `/model <name>  choose what answers: auto (the router), base or a modifier
/new           start a new conversation
/help          show this help
/quit          end the chat, like Ctrl-D; Ctrl-C stops an answer`;

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
    const [word = '', name = ''] = line.trim().split(/\s+/);
    if (word === '') continue;
    try {
      if (word === '/quit' || word === '/exit') break;
      else if (word === '/help') console.log(dim(HELP));
      else if (word === '/new') conversation.clear();
      else if (word === '/model') choose(conversation, name);
      else if (word.startsWith('/')) console.log(dim(`There is no command ${word}; /help lists the commands.`));
      else {
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

function choose(conversation: Conversation, name: string): void {
  if (name !== '') conversation.choose(name);
  console.log(dim(`answers: ${conversation.route ?? 'auto'} (${conversation.names.join(', ')})`));
}
