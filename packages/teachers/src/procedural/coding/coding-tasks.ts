import { defineTask } from '../define-task.ts';
import type { Task } from '../task.ts';
import { ANIMALS, capitalise, FOODS, OBJECTS } from '../words/words.ts';
import { type Body, bodies, type Slots } from './bodies.ts';

/** Common names of functions and of their inputs. */
const FUNCTIONS = [
  'f',
  'g',
  'run',
  'work',
  'solve',
  'make',
  'do',
  'go',
  'step',
  'calc',
  'get',
  'apply',
  'process',
  'compute',
  'handle',
];
const INPUTS = ['x', 'a', 'items', 'values', 'data', 'words', 'xs', 'row', 'things', 'nums'];

/** Facts of a coding question: the function that an answer must define, with calls and their expected values. */
export interface CodingFacts {
  readonly kind: 'python';
  readonly calls: readonly { readonly call: string; readonly expected: string }[];
  /** The one function that must be defined. */
  readonly name: string;
}

interface Content {
  readonly description: string;
  readonly name: string;
  readonly input: string;
}

function codingTask(body: Body): Task {
  return defineTask<Content>({
    name: `coding/${body.name}`,
    difficulties: [body.difficulty],
    known: {
      write: ({ description, name, input }) => `Write a Python function ${name}(${input}) that returns ${description}.`,
      code: ({ description, name, input }) => `Python: ${name}(${input}) should return ${description}. Write the code.`,
      define: ({ description, name, input }) =>
        `Define a function ${name} with input ${input} in Python. It returns ${description}.`,
      need: ({ description, name, input }) =>
        `I need Python code: a function ${name}(${input}) which returns ${description}.`,
      program: ({ description, name, input }) =>
        `Program ${name}(${input}) in Python so that it returns ${description}.`,
    },
    unseen: {
      please: ({ description, name, input }) =>
        `Please give me a Python function called ${name} that takes ${input} and returns ${description}.`,
      how: ({ description, name, input }) =>
        `How do I code ${name}(${input}) in Python? The function returns ${description}.`,
    },
    make(random) {
      const name = random.chance(0.5)
        ? random.pick(FUNCTIONS)
        : `${random.pick(FUNCTIONS)}_${random.pick([...OBJECTS, ...ANIMALS, ...FOODS])}`;
      const input = random.pick(INPUTS);
      const slots: Slots = {
        n: random.integer(2, 19),
        k: random.integer(2, 9),
        m: random.integer(2, 9),
        letter: random.pick([...'abcdefghijklmnoprstuw']),
        word: random.pick([...OBJECTS, ...ANIMALS]),
      };
      const tests = typeof body.tests === 'function' ? body.tests(slots) : body.tests;
      const code = (expression: string) => `def ${name}(${input}):\n    return ${expression}`;
      return {
        content: { description: body.description(input, slots), name, input },
        answer: code(body.code(input, slots)),
        wrongAnswer: code(body.wrongAnswer(input, slots)),
        key: `${name}(${input}) ${body.code(input, slots)}`,
        // The fact leaves the function's name out: it does not change the program.
        fact: body.code('_', slots),
        facts: {
          kind: 'python',
          name,
          calls: tests.map((argument) => ({
            call: `${name}(${argument})`,
            expected: `(lambda ${input}: ${body.code(input, slots)})(${argument})`,
          })),
        },
        reasoning: `${capitalise(body.description(input, slots))} is ${body.code(input, slots)}.`,
      };
    },
    // Code is judged by running it: ../../checkers/procedural.ts passes all coding answers to the sandbox together.
    check: () => ({ correct: false, reason: 'code is judged in the sandbox' }),
  });
}

export const codingTasks: readonly Task[] = bodies.map(codingTask);
