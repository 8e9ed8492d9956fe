import { z } from 'zod';
import { ArtifactKind } from './artifact.ts';
import { DomainResult } from './comparison.ts';
import { Gate } from './gate.ts';

const at = z.number().describe('Milliseconds since the epoch.');

/** A line of `events.jsonl` and of `cogumi build --json`. The terminal view is drawn from these events. */
export const BuildEvent = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('build-start'),
    at,
    run: z.string(),
    recipe: z.string(),
    stages: z.array(z.string()),
    chapters: z
      .record(z.string(), z.string())
      .default({})
      .describe('By stage the part of the build that it belongs to.'),
    inputs: z
      .record(z.string(), z.array(z.string()))
      .default({})
      .describe('By stage the stages whose results it reads.'),
  }),
  z.strictObject({ event: z.literal('stage-start'), at, stage: z.string(), key: z.string() }),
  z.strictObject({
    event: z.literal('stage-progress'),
    at,
    stage: z.string(),
    done: z.number(),
    total: z.number(),
    unit: z.string(),
    perSecond: z.number().nullable(),
    remainingMs: z.number().nullable(),
    memoryBytes: z.number().nullable().describe('Resident memory of all processes of the build.'),
    note: z.string().default(''),
  }),
  z.strictObject({
    event: z.literal('stage-metric'),
    at,
    stage: z.string(),
    name: z.string(),
    step: z.int(),
    value: z.number(),
  }),
  z.strictObject({ event: z.literal('stage-warning'), at, stage: z.string(), message: z.string() }),
  z.strictObject({
    event: z.literal('gate-judged'),
    at,
    stage: z.string(),
    gate: Gate,
    overridden: z.boolean(),
    candidate: z
      .string()
      .nullable()
      .default(null)
      .describe('The optional step that the gate proves: its failure takes back the step and blocks nothing else.'),
  }),
  z.strictObject({
    event: z.literal('artifact-written'),
    at,
    stage: z.string(),
    key: z.string(),
    kind: ArtifactKind,
    bytes: z.number(),
  }),
  z.strictObject({
    event: z.literal('stage-end'),
    at,
    stage: z.string(),
    outcome: z.enum(['done', 'cached', 'failed', 'blocked', 'skipped']),
    elapsedMs: z.number(),
    message: z.string().default(''),
  }),
  z.strictObject({
    event: z.literal('build-end'),
    at,
    outcome: z.enum(['done', 'gate-failed', 'inconclusive', 'failed', 'interrupted']),
    elapsedMs: z.number(),
    peakMemoryBytes: z.number().nullable(),
    bundle: z.string().nullable(),
    digest: z.string().nullable(),
    domains: z.array(DomainResult).default([]).describe('What the bundle can do; empty where it was not compared.'),
  }),
]);
export type BuildEvent = z.infer<typeof BuildEvent>;
