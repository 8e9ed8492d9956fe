export {
  type ClusterChoice,
  type ClusterOptions,
  chooseClusters,
  MOST_CLUSTERS,
} from './clustering/choose-clusters.ts';
export { type Clustering, kMeans } from './clustering/k-means.ts';
export { gatherPoints, type Points, pickPoints, squaredDistance } from './clustering/points.ts';
export { principalComponents, project } from './clustering/principal-components.ts';
export { MOST_MEASURED, measureDistances, silhouette } from './clustering/silhouette.ts';
export { fileState } from './files/file-state.ts';
export { makeFolder } from './files/make-folder.ts';
export { replaceFile } from './files/replace-file.ts';
export { isHttpAddress } from './http/http-address.ts';
export { type AccessVerdict, isLoopback, judgeLoopbackAccess, type RequestHeaders } from './http/loopback-access.ts';
export { canonicalJson, hashJson } from './json/canonical-json.ts';
export { findDoubledKey } from './json/doubled-key.ts';
export { exactInteger, isLongInteger, type LongInteger, parseExactJson } from './json/exact-json.ts';
export { cutBelow, isTooDeep, MOST_LEVELS, TOO_DEEP } from './json/nesting.ts';
export { type JsonBounds, JsonProblem, parseStrictJson } from './json/parse-strict-json.ts';
export { type FreeMemory, freeMemory } from './memory/free-memory.ts';
export { treeMemoryBytes } from './memory/tree-memory.ts';
export { createRandom, type Random } from './random/random.ts';
export {
  continuesConversation,
  decideRoute,
  type PromptNetwork,
  ROUTING_TOKENS,
  type RouterNetwork,
  routerScores,
  routerShapeProblems,
} from './router/router-network.ts';
export { countAgreement } from './statistics/count-agreement.ts';
export { judgeAtLeast } from './statistics/judge-at-least.ts';
export { type Kappa, kappa } from './statistics/kappa.ts';
export { klDivergences, logSumExp } from './statistics/kl-divergences.ts';
export { leastDifference } from './statistics/least-difference.ts';
export { type MeanInterval, meanInterval } from './statistics/mean-interval.ts';
export { median } from './statistics/median.ts';
export { simultaneousQuantile, Z_95 } from './statistics/normal-quantile.ts';
export { leastProvableLoss, type PairedRatio, pairedRatio, shownInterval } from './statistics/paired-ratio.ts';
export { wilsonInterval } from './statistics/wilson-interval.ts';
export { type FencedBlock, fencedBlocks } from './text/fenced-blocks.ts';
export { firstJson } from './text/json-in-prose.ts';
export { nearest } from './text/nearest.ts';
export { normaliseCharacters, normaliseText } from './text/normalise-text.ts';
export { concludingNumber, numbersIn } from './text/number-in-prose.ts';
export { statedAnswer, withoutMarks } from './text/stated-answer.ts';
export { backoffMs, GIVE_UP_AFTER_MS, MOST_ATTEMPTS } from './time/backoff.ts';
export { type Clock, realClock } from './time/clock.ts';
export { durationText } from './time/duration-text.ts';
export { retryAfterMs } from './time/retry-after.ts';
