import { z } from 'zod';
import { DomainResult } from './comparison.ts';
import { Domain } from './domains.ts';
import { Gate } from './gate.ts';
import { Message } from './messages.ts';

/** Media types of a bundle's layers. The media type gives the kind of a layer; its title gives its name. */
export const MEDIA = {
  config: 'application/vnd.cogumi.bundle.config.v1+json',
  base: 'application/vnd.cogumi.base.v1.gguf',
  modifier: 'application/vnd.cogumi.modifier.v1.gguf',
  draft: 'application/vnd.cogumi.draft.v1.gguf',
  router: 'application/vnd.cogumi.router.v1+json',
  evidence: 'application/vnd.cogumi.evidence.v1+json',
  licences: 'application/vnd.cogumi.licences.v1.text',
  card: 'text/markdown',
  prompts: 'application/vnd.cogumi.prompts.v1+jsonl',
  readings: 'application/vnd.cogumi.readings.v1.safetensors',
  heldOut: 'application/vnd.cogumi.held-out.v1+jsonl',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
} as const;

export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** An OCI content descriptor. */
export const Descriptor = z.object({
  mediaType: z.string(),
  digest: Digest,
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).optional(),
});
export type Descriptor = z.infer<typeof Descriptor>;

/** OCI image manifest; its SHA-256 is the bundle's identity. */
export const BundleManifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.literal(MEDIA.manifest),
  artifactType: z.literal('application/vnd.cogumi.bundle.v1'),
  config: Descriptor,
  layers: z.array(Descriptor),
});
export type BundleManifest = z.infer<typeof BundleManifest>;

/** The config blob: what a runtime needs to know before it reads the layers. */
export const BundleConfig = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  description: z.string().describe('Description from the recipe.'),
  base: z.strictObject({
    digest: Digest,
    parameters: z.int().positive(),
    contextTokens: z
      .int()
      .positive()
      .max(2 ** 30),
    quantization: z.string(),
    origin: z
      .enum(['full-precision', 'dequantized'])
      .default('full-precision')
      .describe('Weights that the build began with; `dequantized`: read from a GGUF file.'),
  }),
  modifiers: z.array(
    z.strictObject({
      name: z.string().describe('Name that clients put after the colon: `nano:code`.'),
      digest: Digest,
      base: Digest.describe('The base it was trained on; another base is refused.'),
      domain: z.string(),
      rank: z.int().positive(),
    }),
  ),
  draft: z
    .strictObject({
      digest: Digest,
      base: Digest.describe('The base that it drafts for; another base is refused.'),
      parameters: z.int().positive(),
    })
    .optional()
    .describe('A smaller model that drafts tokens for the base; absent: there is none, or it made nothing faster.'),
  router: z.strictObject({ digest: Digest, base: Digest, routes: z.array(z.string()) }).nullable(),
  gates: z.array(
    Gate.extend({
      stage: z.string(),
      inherited: Digest.optional().describe('The bundle that it was measured for, where this one was made from it.'),
    }),
  ),
  lineage: z.record(z.string(), z.string()).describe('Stage to artifact key.'),
  licences: z.array(z.string()).describe('SPDX ids of all contents.'),
});
export type BundleConfig = z.infer<typeof BundleConfig>;

const RouterFeatures = z.strictObject({
  hiddenSize: z.int().positive(),
  mean: z.array(z.number()).describe('Subtracted from each feature.'),
  scale: z.array(z.number()).describe('Divides each feature.'),
});
const RouterLayers = z.array(
  z.strictObject({ inputs: z.int(), outputs: z.int(), weights: z.array(z.number()), bias: z.array(z.number()) }),
);

/** The router layer: perplexity bound and a small network over the base's hidden state. Matrices are row-major. */
export const RouterWeights = z.strictObject({
  schema: z.literal(1),
  routes: z.array(z.string()).describe('`base` first, then modifiers.'),
  features: RouterFeatures,
  layers: RouterLayers,
  followUp: z
    .strictObject({ features: RouterFeatures, layers: RouterLayers })
    .optional()
    .describe('Tells messages that continue a conversation (second output) from questions. Older bundles have none.'),
  layer: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      'The layer of the base whose output the router reads, from 0. Older bundles have none: their routers read the last hidden state.',
    ),
  perplexityBound: z
    .number()
    .positive()
    .optional()
    .describe('A prompt with a higher perplexity goes to the base. Only where the last hidden state is read.'),
});
export type RouterWeights = z.infer<typeof RouterWeights>;

/** A line of the layer of prompts: what the router learned a route from, so that the next one can learn it again. */
export const RouterPrompt = z.strictObject({
  domain: Domain.nullable().describe('null: of none that is known; the base answers it.'),
  turns: z.array(Message).min(1),
});
export type RouterPrompt = z.infer<typeof RouterPrompt>;

/** The layer of evidence: what was measured, for people, and for the bundles that are made from this one. */
export const BundleEvidence = z.object({
  evaluations: z.record(z.string(), z.json()).describe('Node to its scores.'),
  domains: z.array(DomainResult).default([]),
  router: z.json(),
  inherited: z
    .object({
      bundle: Digest,
      name: z.string(),
      evaluations: z.array(z.string()),
      domains: z.array(z.string()),
    })
    .optional()
    .describe('What was measured for the bundle that this one was made from, and not again.'),
});
export type BundleEvidence = z.infer<typeof BundleEvidence>;
