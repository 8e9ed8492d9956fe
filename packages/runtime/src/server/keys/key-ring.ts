import { createHash, timingSafeEqual } from 'node:crypto';
import { ENDPOINTS } from '../endpoints.ts';
import { Client } from './client.ts';
import type { KeyEntry } from './key-entry.ts';

interface Kept {
  readonly hash: Buffer;
  readonly client: Client;
}

/** The keys that a server accepts. Only their hashes are kept. */
export class KeyRing {
  #kept: readonly Kept[] = [];
  /** All that were ever there, by name: a key that is missing for a moment must not come back with a new day. */
  readonly #known = new Map<string, Client>();

  constructor(entries: readonly KeyEntry[]) {
    this.replace(entries);
  }

  /** One key without limits, for all endpoints. */
  static of(key: string): KeyRing {
    const endpoints = ENDPOINTS.map(({ path }) => path);
    return new KeyRing([{ name: 'default', endpoints, sha256: hashOf(key).toString('hex') }]);
  }

  /** Keys with a name that was there before keep what they have used. */
  replace(entries: readonly KeyEntry[]): void {
    this.#kept = entries.map(({ sha256, ...limits }) => {
      const client = this.#known.get(limits.name) ?? new Client(limits);
      this.#known.set(limits.name, client);
      client.limits = limits;
      return { hash: Buffer.from(sha256, 'hex'), client };
    });
  }

  get clients(): Client[] {
    return [...this.#known.values()];
  }

  get size(): number {
    return this.#kept.length;
  }

  /** Who has this key; null: nobody. It takes the same time for every key that is given: hashes have equal lengths, and all are compared. */
  find(key: string): Client | null {
    const given = hashOf(key);
    let found: Client | null = null;
    for (const { hash, client } of this.#kept) if (timingSafeEqual(hash, given)) found = client;
    return found;
  }
}

export function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
