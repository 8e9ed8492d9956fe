import { CogumiError } from '@cogumi/contracts';
import { adapterMismatch, type Described } from '../gguf/check-adapter.ts';
import { type AdapterFile, checkAdapterFile, openAdapterFile, readAdapterFile } from './adapter-file.ts';
import type { Library, Pointer } from './library.ts';

/** `waiting`: it is being loaded. `full`: those that are loaded are all in use. */
export type AdapterState = 'loaded' | 'waiting' | 'full';

interface Known {
  readonly file: AdapterFile;
  pointer: Pointer | null;
  loading: Promise<void> | null;
  /** Of its values: they are the same as long as the file is. */
  refusal: CogumiError | null;
  /** Requests that are being decoded with it. */
  users: number;
  /** Counts uses of all adapters; the lowest one was unused longest. */
  lastUse: number;
}

/**
 * The LoRA adapters of a model. One that is wanted is loaded from its file; those that were unused longest make room for it. One that is
 * in use stays.
 *
 * llama.cpp loads on this thread, between two passes: its list of adapters must not change while a pass reads it. What may take long, the
 * disk and the check of all values, goes on beside passes before that.
 */
export class Adapters {
  readonly #llama: Library;
  readonly #model: Pointer;
  readonly #base: Described;
  readonly #mostBytes: number;
  readonly #beforeUnload: (name: string) => void;
  readonly #known = new Map<string, Known>();
  readonly #listeners: ((name: string, error: unknown) => void)[] = [];
  /** Of loaded adapters, and of those that are being loaded. */
  #bytes = 0;
  /** Of those whose files are being checked before others make room for them. */
  #promisedBytes = 0;
  /** One file is read at a time: several would take more memory than the bound, and more calls than koffi has. */
  #reading: Promise<unknown> = Promise.resolve();
  #uses = 0;
  #loads = 0;

  /** @param beforeUnload - Called before the matrices of an adapter are freed: nothing may point to them then. */
  constructor(
    { llama, model, base }: { readonly llama: Library; readonly model: Pointer; readonly base: Described },
    mostBytes: number,
    beforeUnload: (name: string) => void,
  ) {
    this.#llama = llama;
    this.#model = model;
    this.#base = base;
    this.#mostBytes = mostBytes;
    this.#beforeUnload = beforeUnload;
  }

  get names(): string[] {
    return [...this.#known.keys()];
  }

  get loaded(): string[] {
    return this.names.filter((name) => this.#known.get(name)?.pointer);
  }

  /** Bytes of the loaded ones. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Times that one was loaded. */
  get loads(): number {
    return this.#loads;
  }

  /** Makes an adapter known without loading it. @throws CogumiError ADAPTER_EXISTS, ADAPTER_MEMORY; as `openAdapterFile`. */
  async add(name: string, path: string): Promise<void> {
    if (this.#known.has(name)) {
      throw new CogumiError(
        'ADAPTER_EXISTS',
        `An adapter with the name "${name}" is already loaded.`,
        'Choose another name.',
      );
    }
    const file = await openAdapterFile(name, path, this.#base);
    if (file.bytes > this.#mostBytes) {
      throw new CogumiError(
        'ADAPTER_MEMORY',
        `Adapter "${name}" (${path}) takes ${file.bytes} bytes; all adapters together may take ${this.#mostBytes}.`,
        'Raise `--adapter-memory`, or leave the adapter out.',
      );
    }
    this.#known.set(name, { file, pointer: null, loading: null, refusal: null, users: 0, lastUse: 0 });
  }

  /** Whether an adapter would fit beside those that are loaded, so that none has to make room. */
  fits(name: string): boolean {
    return this.#bytes + this.#get(name).file.bytes <= this.#mostBytes;
  }

  /** The adapter in llama.cpp's memory. @throws CogumiError ADAPTER_UNKNOWN; RangeError if it is not loaded. */
  pointer(name: string): Pointer {
    const known = this.#get(name);
    if (known.pointer === null) throw new RangeError(`the adapter "${name}" is not loaded`);
    return known.pointer;
  }

  /** @param listener - Called whenever loading an adapter has ended; `error` is null if it is loaded. */
  onSettled(listener: (name: string, error: unknown) => void): void {
    this.#listeners.push(listener);
  }

  /** Begins to load an adapter unless it is loaded or there is no room. @throws CogumiError ADAPTER_UNKNOWN */
  want(name: string): AdapterState {
    const known = this.#get(name);
    // One that is about to make room is not used any more: who came first would wait for it.
    if (known.pointer !== null) return this.#leaving().includes(known) ? 'full' : 'loaded';
    if (known.loading !== null) return 'waiting';
    const { bytes } = known.file;
    const idle = this.#idle().reduce((sum, { file }) => sum + file.bytes, 0);
    if (this.#bytes + this.#promisedBytes + bytes - idle > this.#mostBytes) return 'full';
    this.#promisedBytes += bytes;
    known.loading = this.#load(known);
    const settle = (error: unknown) => {
      for (const listener of this.#listeners) listener(name, error);
    };
    known.loading.then(() => settle(null), settle);
    return 'waiting';
  }

  /** Loads an adapter. @throws CogumiError ADAPTER_MEMORY if there is no room now; ADAPTER_UNKNOWN; as `readAdapterFile`. */
  async load(name: string): Promise<void> {
    if (this.want(name) === 'waiting') await this.#get(name).loading;
    if (this.#get(name).pointer !== null) return;
    throw new CogumiError(
      'ADAPTER_MEMORY',
      `There is no memory for adapter "${name}": all that are loaded are in use.`,
      'Try again later, or raise `--adapter-memory`.',
    );
  }

  /** Keeps a loaded adapter until `release`. */
  use(name: string): void {
    const known = this.#get(name);
    known.users++;
    known.lastUse = ++this.#uses;
  }

  release(name: string): void {
    const known = this.#get(name);
    known.users--;
    known.lastUse = ++this.#uses;
  }

  async #load(known: Known): Promise<void> {
    const { name, path, bytes } = known.file;
    try {
      await this.#check(known);
      this.#bytes += bytes;
      try {
        // It fits: those that have to leave are not used since it was wanted.
        const idle = this.#idle();
        while (this.#bytes > this.#mostBytes) this.#unload(idle.shift() as Known);
        const reading = this.#reading.then(() => readAdapterFile(this.#llama, known.file));
        this.#reading = reading.catch(() => undefined);
        await reading;
        known.pointer = this.#llama.loadAdapter(this.#model, path) as Pointer;
        if (!known.pointer) throw adapterMismatch(name, path, this.#llama.takeErrors());
        known.lastUse = ++this.#uses;
        this.#loads++;
      } catch (error) {
        this.#bytes -= bytes;
        if (error instanceof CogumiError && error.code === 'ADAPTER_VALUES') known.refusal = error;
        throw error;
      }
    } finally {
      known.loading = null;
    }
  }

  /** Before others make room: requests for a file that is gone, changed or broken would unload them again and again. */
  async #check({ file, refusal }: Known): Promise<void> {
    try {
      await checkAdapterFile(file);
      if (refusal !== null) throw refusal;
    } finally {
      this.#promisedBytes -= file.bytes;
    }
  }

  /** Loaded and not in use, the one that was unused longest first. */
  #idle(): Known[] {
    return [...this.#known.values()]
      .filter(({ pointer, users }) => pointer !== null && users === 0)
      .sort((one, other) => one.lastUse - other.lastUse);
  }

  /** Those that make room if all files that are being checked are good. */
  #leaving(): Known[] {
    let missing = this.#bytes + this.#promisedBytes - this.#mostBytes;
    return this.#idle().filter(({ file }) => {
      const leaves = missing > 0;
      missing -= file.bytes;
      return leaves;
    });
  }

  #unload(known: Known): void {
    this.#beforeUnload(known.file.name);
    this.#llama.freeAdapter(known.pointer);
    known.pointer = null;
    this.#bytes -= known.file.bytes;
  }

  #get(name: string): Known {
    const known = this.#known.get(name);
    if (!known) throw unknownAdapter(name, this.names);
    return known;
  }
}

export function unknownAdapter(name: string, known: readonly string[]): CogumiError {
  return new CogumiError(
    'ADAPTER_UNKNOWN',
    `There is no adapter "${name}"; loaded: ${known.join(', ') || 'none'}.`,
    'Choose one of the loaded adapters.',
  );
}
