/** Headers of a request with a key; null: none is needed. */
export function bearer(key: string | null): Readonly<Record<string, string>> {
  return key === null ? {} : { authorization: `Bearer ${key}` };
}

/** Why a request failed, which `fetch` hides in the cause. */
export function failureOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : message;
}
