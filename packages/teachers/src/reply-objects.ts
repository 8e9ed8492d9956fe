/** The JSON object in a reply that may have prose around it: from its first brace to its last. null: there is none. */
export function objectIn(reply: string | null): Record<string, unknown> | null {
  const text = reply ?? '';
  return parsed(text.slice(Math.max(0, text.indexOf('{')), text.lastIndexOf('}') + 1));
}

/** The first JSON object in a reply that holds no other one, whatever else stands in braces behind it. null: there is none. */
export function flatObjectIn(reply: string | null): Record<string, unknown> | null {
  return parsed(/\{[^{}]*\}/.exec(reply ?? '')?.[0] ?? '');
}

function parsed(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
