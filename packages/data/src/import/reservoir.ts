import type { Random } from '@cogumi/pure';

/** Chooses `capacity` of any number of things, each with the same chance, while they pass by. */
interface Reservoir {
  /** Whether the next thing is chosen for now, and has to be kept until later ones take its place. */
  offer(): boolean;
  /** Of everything that was chosen for a time, in that order: 1 where it still is. */
  chosen(): Uint8Array;
}

/** Algorithm R (Vitter 1985): memory grows with `capacity`, not with what passes by. */
export function createReservoir(capacity: number, random: Random): Reservoir {
  /** Which offer that was kept sits in each place. */
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
