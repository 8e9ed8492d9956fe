import type { Gate } from '@cogumi/contracts';
import { judgeGate } from '../../judge-gate.ts';

/** A question that the served bundle was asked. */
export type Sample = { question_id: string; question: string; route: string; answer: string; correct: boolean | null };

export interface Serving {
  /** Digest that the server names. */
  readonly served: string;
  /** Digest of the bundle that was built. */
  readonly expected: string;
  readonly modifiers: readonly string[];
  readonly samples: readonly Sample[];
}

/** Whether the server serves this bundle, answers, and uses each of its modifiers. */
export function servingGates({ served, expected, modifiers, samples }: Serving): Gate[] {
  const routes = new Set(samples.map(({ route }) => route));
  const same = Number(served === expected);
  const answered = samples.filter(({ answer }) => answer.trim() !== '').length;
  const used = modifiers.filter((name) => routes.has(name)).length;
  const gate = (
    of: Pick<Gate, 'name' | 'criterion' | 'measured' | 'threshold' | 'evidence'> & { items?: number; nothing?: string },
  ) => judgeGate({ ...of, bound: 'exactly', unit: '', advice: 'Look at samples.json and at the log of the run.' });
  return [
    gate({
      name: 'verified',
      criterion: 'The server has checked every byte and names the same digest',
      ...{ measured: same, threshold: 1, evidence: `digest ${served}` },
    }),
    gate({
      name: 'answers',
      criterion: 'The served bundle answers every sample',
      ...{ measured: answered, threshold: samples.length, items: samples.length, nothing: 'no question was asked' },
      evidence: `samples.json: ${samples.length} samples`,
    }),
    gate({
      name: 'routes',
      criterion: 'Every modifier of the bundle answers a sample',
      ...{
        measured: used,
        threshold: modifiers.length,
        items: modifiers.length,
        nothing: 'the bundle has no modifier',
      },
      evidence: 'samples.json; how often the route is right: gates of `route`',
    }),
  ];
}
