import type { Difficulty, Domain } from '@cogumi/contracts';
import type { Random } from '@cogumi/pure';
import type { z } from 'zod';
import type { Draw, Judgement, Task } from './task.ts';

type Json = z.core.util.JSONType;
type Wordings<Content> = Readonly<Record<string, (content: Content) => string>>;

/** What a task decides about a question before it is put into words. */
export interface TaskContent<Content> {
  readonly content: Content;
  readonly answer: string;
  readonly wrongAnswer: string;
  readonly key: string;
  /** As in `Draw`; default: the key. */
  readonly fact?: string;
  readonly facts: Json;
  readonly reasoning?: string;
}

interface Definition<Content> {
  readonly name: `${Domain}/${string}`;
  readonly difficulties?: readonly Difficulty[];
  readonly known: Wordings<Content>;
  readonly unseen: Wordings<Content>;
  make(random: Random, difficulty: Difficulty): TaskContent<Content>;
  check?: Task['check'];
}

/** A task from its content and its phrasings; without a checker of its own, `facts` is the one right text. */
export function defineTask<Content>(definition: Definition<Content>): Task {
  const { name, known, unseen, make } = definition;
  return {
    name,
    domain: name.split('/')[0] as Domain,
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

/** Longest answer that is looked at; none of the generators asks for more than 200 characters. */
const LONGEST_ANSWER = 4000;

/** Right when the texts agree but for case, spacing and a closing full stop. */
export function sameText(wanted: string, answer: string): Judgement {
  return tidy(wanted) === tidy(answer) ? { correct: true } : wrong(`wanted "${wanted}", got "${answer.slice(0, 120)}"`);
}

export function wrong(reason: string): Judgement {
  return { correct: false, reason };
}

function tidy(text: string): string {
  return text.slice(0, LONGEST_ANSWER).trim().replace(/\s+/g, ' ').replace(/\.$/, '').toLowerCase();
}
