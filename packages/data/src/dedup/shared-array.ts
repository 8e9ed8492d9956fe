/** A zeroed array in memory that all threads share. */
export const sharedUint32 = (length: number): Uint32Array<SharedArrayBuffer> =>
  new Uint32Array(new SharedArrayBuffer(length * 4));

export const sharedInt32 = (length: number): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(length * 4));

export const sharedFloat64 = (length: number): Float64Array<SharedArrayBuffer> =>
  new Float64Array(new SharedArrayBuffer(length * 8));

export const sharedFloat32 = (length: number): Float32Array<SharedArrayBuffer> =>
  new Float32Array(new SharedArrayBuffer(length * 4));

export function sharedCopy(numbers: Uint32Array): Uint32Array<SharedArrayBuffer> {
  const copy = sharedUint32(numbers.length);
  copy.set(numbers);
  return copy;
}
