/** The JSON object in a reply that may have prose around it: from its first brace to its last. null: there is none. */
export function objectIn(reply: string | null): Record<string, unknown> | null {
  return parsed(/\{[\s\S]*\}/.exec(reply ?? ''));
}

/** The first JSON object in a reply that holds no other one, whatever else stands in braces behind it. null: there is none. */
export function flatObjectIn(reply: string | null): Record<string, unknown> | null {
  return parsed(/\{[^{}]*\}/.exec(reply ?? ''));
}

function parsed(found: RegExpExecArray | null): Record<string, unknown> | null {
  if (found === null) return null;
  try {
    return JSON.parse(found[0]) as Record<string, unknown>;
  } catch {
    return null;
  }
}
