import { CogumiError } from '@cogumi/contracts';

export type BundleErrorCode =
  | 'BUNDLE_NOT_FOUND'
  | 'NOT_A_BUNDLE'
  | 'BUNDLE_CORRUPT'
  | 'BUNDLE_TRUNCATED'
  | 'BUNDLE_UNSAFE_PATH'
  | 'BUNDLE_UNSUPPORTED'
  | 'MODIFIER_BASE_MISMATCH'
  | 'DRAFT_BASE_MISMATCH'
  | 'ROUTER_BASE_MISMATCH';

const HINTS: Readonly<Record<BundleErrorCode, string>> = {
  BUNDLE_NOT_FOUND: 'Build one with `cogumi build recipes/nano.yaml`, or give the path of a *.cogumi file.',
  NOT_A_BUNDLE: 'Give the path of a *.cogumi file.',
  BUNDLE_CORRUPT: 'Download or build the file again; nothing in it was used.',
  BUNDLE_TRUNCATED: 'The copy or download is incomplete: get the file again.',
  BUNDLE_UNSAFE_PATH: 'Cogumi never writes such a file: do not trust its source.',
  BUNDLE_UNSUPPORTED: 'Use the version of Cogumi that built it, or build the bundle again with this version.',
  MODIFIER_BASE_MISMATCH: 'Train the modifier on this base and build the bundle again.',
  DRAFT_BASE_MISMATCH: 'Make the draft model of this base and build the bundle again.',
  ROUTER_BASE_MISMATCH: 'Train the router on this base and build the bundle again.',
};

/** A bundle that must not be used. `entry` is the wrong file inside it; null: the bundle as a whole. */
export class BundleError extends CogumiError {
  readonly bundle: string;
  readonly entry: string | null;

  /** @param options - `hint`: where more is known than the code says. */
  constructor(
    code: BundleErrorCode,
    bundle: string,
    entry: string | null,
    problem: string,
    { cause, hint = HINTS[code] }: { cause?: unknown; hint?: string } = {},
  ) {
    super(code, `${bundle}${entry === null ? '' : `, ${entry}`}: ${problem}`, hint, { cause });
    this.bundle = bundle;
    this.entry = entry;
  }
}
