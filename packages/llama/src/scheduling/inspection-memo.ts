import { createHash } from 'node:crypto';

/** Inspections that are kept (chosen): two hidden states each, 1.2 MiB of SmolLM2 and 8 MiB of an 8B model. */
const MOST = 256;

/**
 * What was measured of prompts, the newest ones. It depends on a prompt alone, so a question that is asked again is not read again, nor
 * the earlier questions of a conversation at each of its turns.
 */
export class InspectionMemo<Measured> {
  /** The one that was unused longest first. */
  readonly #kept = new Map<string, Measured>();

  /** @param key - As `cacheKey`: nobody learns from the time of an answer what others have asked. */
  find(key: string, tokens: readonly number[]): Measured | null {
    const name = nameOf(key, tokens);
    const found = this.#kept.get(name);
    if (!found) return null;
    this.#kept.delete(name);
    this.#kept.set(name, found);
    return found;
  }

  keep(key: string, tokens: readonly number[], measured: Measured): void {
    this.#kept.set(nameOf(key, tokens), measured);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST) this.#kept.delete(oldest as string);
  }
}

function nameOf(key: string, tokens: readonly number[]): string {
  return createHash('sha256').update(Int32Array.from(tokens)).update(key).digest('base64');
}
