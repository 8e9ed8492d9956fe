import type { GenerateRequest } from '../types.ts';

/** Names an adapter with its strength, which is what a cache was computed with; null: the base. */
export function adapterKey({
  adapter = null,
  adapterScale = 1,
}: Pick<GenerateRequest, 'adapter' | 'adapterScale'>): string | null {
  return adapter === null || adapterScale === 1 ? adapter : `${adapter}\0${adapterScale}`;
}
