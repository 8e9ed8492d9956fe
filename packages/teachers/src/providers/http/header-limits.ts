/** The number of requests or tokens in a header; null when it is missing or no number. */
export function headerCount(text: string | null): number | null {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Math.floor(Number(text)) : null;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  ns: 1e-6,
};

/**
 * Milliseconds from now until a limit resets. Reads `1s`, `6m0s`, `12ms`, `2m59.56s` (OpenAI, Groq), a number of seconds, a time
 * in seconds or milliseconds since 1970 (OpenRouter), or an RFC 3339 date (Anthropic).
 */
export function resetMs(text: string | null, now: number): number | null {
  if (text === null || text === '') return null;
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    // Times since 1970 have 13 digits in milliseconds and 10 in seconds; a smaller number is a duration.
    if (number >= 1e12) return Math.max(0, number - now);
    return number >= 1e9 ? Math.max(0, number * 1000 - now) : number * 1000;
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|us|ns|d|h|m|s)/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join('') === text) {
    return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit as string] as number), 0);
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
