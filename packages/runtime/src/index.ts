export { probeLibrary } from '@cogumi/llama';
export { BundleError, type BundleErrorCode } from './bundle/bundle-error.ts';
export { cacheFolder } from './bundle/cache-folder.ts';
export { readBundle } from './bundle/read-bundle.ts';
export { readLayer } from './bundle/read-layer.ts';
export { type UnpackedBundle, unpackBundle } from './bundle/unpack-bundle.ts';
export type { VerifiedBundle } from './bundle/verified-bundle.ts';
export type { KvCacheChoice } from './models/admit-kv-cache.ts';
export { MemoryTooSmallError } from './models/fit-sequences.ts';
export type { LoadReport } from './models/load-model.ts';
export { modelDigest } from './models/model-digest.ts';
export { type ModelHealth, ModelUnavailableError } from './models/model-supervisor.ts';
export { openRuntime } from './open-bundle.ts';
export { openModelFile } from './open-model-file.ts';
export { ContextLengthError } from './prompt-tokens.ts';
export { createRouter, type RouteDecision, type RouteReason, type Router } from './routing/create-router.ts';
export { readMessage } from './routing/read-message.ts';
export { routeConversation } from './routing/route-conversation.ts';
export {
  type Answer,
  type AnswerRequest,
  DEFAULT_CONTEXT_TOKENS,
  type Runtime,
  type RuntimeOptions,
  type Served,
  type ServedModel,
} from './runtime.ts';
export { DEFAULT_PORT, GRACE_MS } from './server/defaults.ts';
export { addKey } from './server/keys/add-key.ts';
export type { KeyEntry } from './server/keys/key-entry.ts';
export type { KeyRing } from './server/keys/key-ring.ts';
export { type KeyFile, openKeyFile } from './server/keys/open-key-file.ts';
export { LARGEST_BODY_BYTES, MAX_REQUESTS } from './server/limits.ts';
export { logRequests } from './server/observe/log-requests.ts';
export type { RequestObserver } from './server/observe/request-observer.ts';
export type { RequestRecord } from './server/observe/request-record.ts';
export { startTracing, type Tracing } from './server/observe/start-tracing.ts';
export type { RunningServer } from './server/start-server.ts';
export type { Upstream } from './upstream/open-upstream.ts';
