import { z } from 'zod';
import { Gate } from './gate.ts';

/** Kind of an artifact, so that a stage can refuse the wrong kind of input. */
export const ArtifactKind = z.enum([
  'model',
  'gguf',
  'adapter',
  'gguf-adapter',
  'questions',
  'rows',
  'answers',
  'router',
  'bundle',
  'comparison',
  'failures',
  'passport',
  'samples',
  'retest',
  'strength',
  'validation',
  'pairs',
]);
export type ArtifactKind = z.infer<typeof ArtifactKind>;

export const FileEntry = z.strictObject({
  path: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string().length(64),
});
export type FileEntry = z.infer<typeof FileEntry>;

/**
 * `manifest.json` of an artifact. It is written last, so an artifact exists if and only if this file does.
 * It is equal for equal runs: times, hosts and paths are in the run log.
 */
export const ArtifactManifest = z.strictObject({
  schema: z.literal(1),
  key: z
    .string()
    .length(64)
    .describe('SHA-256 over stage, version, options, input keys and, for tensor work, the engine.'),
  kind: ArtifactKind,
  stage: z.string(),
  stageVersion: z.int(),
  options: z.json(),
  inputs: z.record(z.string(), z.string()).describe('Name of the input to the key of its artifact.'),
  engine: z.string().nullable().describe('Versions and kind of device of tensor work; null: no tensor work.'),
  files: z.array(FileEntry),
  gates: z.array(Gate),
  facts: z.record(z.string(), z.json()).describe('Values that later stages and the report read.'),
  warnings: z
    .array(z.string())
    .optional()
    .describe(
      'What the stage warned of, so that a build that takes it from the store says it again; left out: nothing.',
    ),
  skipped: z.string().optional().describe('Why the stage had nothing to do; left out: it did its work.'),
});
export type ArtifactManifest = z.infer<typeof ArtifactManifest>;
