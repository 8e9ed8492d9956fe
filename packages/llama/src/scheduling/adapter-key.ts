import type { GenerateRequest } from '../types/answers.ts';

/** Names an adapter with its strength, which is what a cache was computed with; null: the base. */
export function adapterKey({
  adapter = null,
  adapterScale = 1,
}: Pick<GenerateRequest, 'adapter' | 'adapterScale'>): string | null {
  return adapter === null || adapterScale === 1 ? adapter : `${adapter}\0${adapterScale}`;
}

/** Names what a cache may be used for again: the same adapter, for requests of the same salt. */
export function cacheKey(request: Pick<GenerateRequest, 'adapter' | 'adapterScale' | 'cacheSalt'>): string {
  return JSON.stringify([adapterKey(request), request.cacheSalt ?? null]);
}
