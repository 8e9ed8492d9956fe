import type { Random } from '@cogumi/pure';

/** Samples `capacity` items of a stream of any length, each with the same probability. */
interface Reservoir {
  /** Offers the next item. @returns True if it is in the sample for now; a later item may replace it. */
  offer(): boolean;
  /** For each offer that returned true, in order: 1 if it is still in the sample. */
  chosen(): Uint8Array;
}

/** Algorithm R (Vitter 1985): memory grows with `capacity`, not with the stream. */
export function createReservoir(capacity: number, random: Random): Reservoir {
  /** For each place of the sample, which accepted offer it holds. */
  const places: number[] = [];
  let offered = 0;
  let kept = 0;
  return {
    offer: () => {
      offered++;
      const place = places.length < capacity ? places.length : random.integer(0, offered - 1);
      if (place >= capacity) return false;
      places[place] = kept++;
      return true;
    },
    chosen: () => {
      const flags = new Uint8Array(kept);
      for (const place of places) flags[place] = 1;
      return flags;
    },
  };
}
