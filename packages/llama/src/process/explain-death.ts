import { HUNG_SECONDS } from './watch-process.ts';

/** What a process of llama.cpp was doing when it ended, and with which file. */
export interface Task {
  readonly doing: 'loading' | 'quantizing' | 'answering with';
  readonly file: string;
  /** True: it neither worked nor answered, and was ended for that. */
  readonly hung?: true;
}

interface Explanation {
  /** Follows "most likely because"; null: nothing is known. */
  readonly cause: string | null;
  readonly hint: string;
}

const AGAIN = 'Export the model again from its folder, and look whether the folder is complete.';

/** Last words of llama.cpp and the C++ library, with what they have meant so far (source: its code, and files broken on purpose). */
const WORDS: readonly { readonly said: RegExp; readonly cause: string; readonly hint: string }[] = [
  {
    // llama.cpp looks a piece up that its kind of tokenizer always has.
    said: /_Map_base::at|(unordered_)?map::at/,
    cause: 'its tokenizer lacks a piece that llama.cpp expects, such as that of a byte',
    hint: 'Export it from a folder with its own tokenizer files. If they are whole, name the pre-tokenizer with `export.preTokenizer`.',
  },
  {
    said: /bad_alloc|failed to allocate|cannot allocate memory/i,
    cause: 'memory ran out',
    hint: 'Lower the context or the sequences (`--context` and `--sequences` of `cogumi serve`), or take a smaller model.',
  },
  { said: /GGML_ASSERT|GGML_ABORT/, cause: 'its settings do not fit its tensors', hint: AGAIN },
];

const SIGNALS: Readonly<Record<string, { readonly cause: string; readonly hint: string }>> = {
  SIGKILL: {
    cause: 'the system ran out of memory and ended it',
    hint: 'Lower the context or the sequences (`--context` and `--sequences` of `cogumi serve`), take a smaller model, or end other programs.',
  },
  SIGBUS: {
    cause: 'the file was cut or replaced while it was open',
    hint: 'Look whether the disk is full, and open it again.',
  },
  SIGILL: {
    cause: 'the processor lacks an instruction that this build of llama.cpp uses',
    hint: 'Run it on a processor from the last ten years.',
  },
};

/** Why a process of llama.cpp ended, as far as its signal and its last lines tell. */
export function explainDeath(signal: string | null, lastLines: readonly string[], { doing, hung }: Task): Explanation {
  if (hung) {
    return {
      cause: `it hung, and was ended after ${HUNG_SECONDS} s without work and without an answer`,
      hint: 'Look whether something stopped it (SIGSTOP, a debugger), or whether the disk of the file answers.',
    };
  }
  const text = lastLines.join('\n');
  const words = WORDS.find(({ said }) => said.test(text));
  if (words) return words;
  const known = signal === null ? undefined : SIGNALS[signal];
  if (known) return known;
  if (doing !== 'answering with') return { cause: null, hint: AGAIN };
  return { cause: null, hint: 'If it happens again with the same prompt, export the model again.' };
}
