import { type Domain, Question } from '@cogumi/contracts';
import { readAllJsonl } from '@cogumi/data/formats';
import type { InputArtifact } from './context.ts';
import type { Workload } from './stage.ts';

/** Which domains a stage asks; null: all there are. */
type Domains = readonly Domain[] | null;

/** The questions of an artifact that a stage asks. */
export async function readAsked(questions: InputArtifact, domains: Domains): Promise<Question[]> {
  const all = await readAllJsonl(questions.path('questions.jsonl'), Question);
  return domains ? all.filter(({ domain }) => domains.includes(domain)) : all;
}

/** What a plan expects of them. */
export function expectAsked(questions: Workload | undefined, domains: Domains): NonNullable<Workload['questions']> {
  return (questions?.questions ?? []).filter(({ domain }) => domains?.includes(domain) ?? true);
}
