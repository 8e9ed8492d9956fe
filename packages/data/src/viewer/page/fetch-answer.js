/** Sends a request to the server. @throws Error with what happened and what to do. */
export async function fetchAnswer(path, query = {}, signal = undefined) {
  const reply = await fetch(`/api/${path}?${new URLSearchParams(query)}`, { signal }).catch((cause) => {
    if (signal?.aborted) throw cause;
    throw new Error('The server does not respond any more. Start `cogumi data look` again and reload the page.');
  });
  const value = await reply.json();
  if (!reply.ok) throw new Error(`${value.error.message} ${value.error.hint}`);
  return value;
}
