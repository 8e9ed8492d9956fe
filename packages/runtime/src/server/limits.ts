/**
 * Limits against slow, hostile or broken clients, in one place. A request is refused before the work that the limit bounds.
 */

/** Largest body: twice the text of a context of 128 K tokens. A larger one is refused without reading it to the end. */
export const LARGEST_BODY_BYTES = 2 ** 20;

/** Memory for all bodies that are being read (chosen): 64 of the largest. Beyond it the body that takes longest is refused. */
export const ALL_BODIES_BYTES = 64 * LARGEST_BODY_BYTES;

/** Time for a whole body, however steadily it comes (chosen): the largest takes 30 s at 280 kbit/s. */
export const BODY_MS = 30_000;

/**
 * How long, and for how many bytes, a client may go on with a body that was refused before the connection is closed (chosen): 32 of the largest
 * bodies, in the time that Nginx waits for a silent client.
 */
export const LINGER_MS = 5_000;
export const LINGER_BYTES = 32 * LARGEST_BODY_BYTES;

/** Time for the headers of a request, and for the first request of a connection (chosen): they fit into few packets. */
export const HEADERS_MS = 10_000;

/** How long a connection without a request is kept for the next one (Node's default). */
export const KEEP_ALIVE_MS = 5_000;

/** How long an answer waits for a client that does not read (chosen): a place is too scarce to wait longer. */
export const UNREAD_MS = 30_000;

/** Most connections (chosen). Beyond it the connection that has waited longest for a request is closed. */
export const MAX_CONNECTIONS = 4096;

/** Most chat requests that are answered or waiting (chosen): with four in parallel and 5 s each, the last waits for 80 s. */
export const MAX_REQUESTS = 64;

/**
 * Requests that are handed to the model beyond its sequences (chosen): they are routed while all sequences are in use, and of a key
 * with many requests no more than one is ahead of another key's.
 */
export const LOOKAHEAD = 1;

/** Most messages of a request (chosen): in 8,192 tokens each would have 8. A template takes 80 ms for so many (measured). */
export const MOST_MESSAGES = 1024;

/** Most values in a body (chosen): `MOST_MESSAGES` with a list of one content part have seven each. */
export const MOST_VALUES = 20_000;

/** Longest key in a body (chosen). The longest of OpenAI's API has 22 characters. */
export const LONGEST_KEY = 100;

/** Longest stop text in UTF-16 units (chosen). While an answer may still become a stop text, it is held back. */
export const LONGEST_STOP = 256;

/** Most answers of one request (chosen): each takes a place, as a request of its own would. */
export const MOST_CHOICES = 8;

/** Most prompts of a list (chosen; lm-eval's largest usual batch). Each takes a turn, as a request of its own would. */
export const MOST_PROMPTS = 64;

/** Most tokens whose logits a request may change (OpenAI's limit). */
export const MOST_BIASES = 300;

/** Most likely tokens that are reported in each place (OpenAI's limit). */
export const MOST_TOP_LOGPROBS = 20;

/** Most token ids of a prompt (chosen): no more than values of a body, and about a context of the largest small models. */
export const MOST_PROMPT_TOKENS = MOST_VALUES;

/** Most functions of a request, and calls of a turn (OpenAI's limit). */
export const MOST_TOOLS = 128;

/** Longest id of a call in UTF-16 units (chosen): those of this server have 40. */
export const MOST_ID = 256;

/** Most texts of a request for embeddings (chosen): each is read by itself, between the passes of others. */
export const MOST_INPUTS = 64;
