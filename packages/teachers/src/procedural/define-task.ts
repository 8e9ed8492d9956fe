import type { BuiltInDomain, Difficulty } from '@cogumi/contracts';
import type { Random } from '@cogumi/pure';
import type { z } from 'zod';
import type { Draw, Judgement, Task } from './task.ts';

type Json = z.core.util.JSONType;
type Wordings<Content> = Readonly<Record<string, (content: Content) => string>>;

/** A drawn question before it is phrased. */
export interface TaskContent<Content> {
  readonly content: Content;
  readonly answer: string;
  readonly wrongAnswer: string;
  readonly key: string;
  /** As in `Draw`. Default: the key. */
  readonly fact?: string;
  readonly facts: Json;
  readonly reasoning?: string;
}

interface Definition<Content> {
  readonly name: `${BuiltInDomain}/${string}`;
  readonly difficulties?: readonly Difficulty[];
  readonly known: Wordings<Content>;
  readonly unseen: Wordings<Content>;
  make(random: Random, difficulty: Difficulty): TaskContent<Content>;
  check?: Task['check'];
}

/** Makes a task from a generator of content and its phrasings. The default checker compares the answer with `facts` as text. */
export function defineTask<Content>(definition: Definition<Content>): Task {
  const { name, known, unseen, make } = definition;
  return {
    name,
    domain: name.split('/')[0] as BuiltInDomain,
    difficulties: definition.difficulties ?? ['easy', 'hard'],
    wordings: { known: Object.keys(known), unseen: Object.keys(unseen) },
    draw(random, difficulty, wording): Draw {
      const { content, answer, wrongAnswer, key, fact, facts, reasoning } = make(random, difficulty);
      const phrase = known[wording] ?? unseen[wording];
      if (!phrase) throw new RangeError(`task ${name} has no wording "${wording}"`);
      return {
        question: phrase(content),
        answer,
        wrongAnswer,
        key,
        fact: fact ?? key,
        facts,
        reasoning: reasoning ?? null,
      };
    },
    check: definition.check ?? ((facts, answer) => sameText(String(facts), answer)),
  };
}

/** Characters of an answer that are checked (chosen); no task asks for more than 200. */
const LONGEST_ANSWER = 4000;

/** Correct when the texts are equal except for case, spacing and a final full stop. */
export function sameText(expected: string, answer: string): Judgement {
  return tidy(expected) === tidy(answer)
    ? { correct: true }
    : wrong(`expected "${expected}", got "${answer.slice(0, 120)}"`);
}

/** The judgement of a wrong answer. */
export function wrong(reason: string): Judgement {
  return { correct: false, reason };
}

function tidy(text: string): string {
  return text.slice(0, LONGEST_ANSWER).trim().replace(/\s+/g, ' ').replace(/\.$/, '').toLowerCase();
}
