import { CogumiError } from '@cogumi/contracts';

export type BundleErrorCode =
  | 'BUNDLE_NOT_FOUND'
  | 'BUNDLE_CORRUPT'
  | 'BUNDLE_TRUNCATED'
  | 'BUNDLE_UNSAFE_PATH'
  | 'BUNDLE_UNSUPPORTED'
  | 'MODIFIER_BASE_MISMATCH'
  | 'ROUTER_BASE_MISMATCH';

const HINTS: Readonly<Record<BundleErrorCode, string>> = {
  BUNDLE_NOT_FOUND: 'Build one with `cogumi build recipes/nano.yaml`, or give the path of a *.cogumi file.',
  BUNDLE_CORRUPT: 'Fetch or build the file again; nothing of it was used.',
  BUNDLE_TRUNCATED: 'The copy or download was cut short: fetch the file again.',
  BUNDLE_UNSAFE_PATH: 'No builder of Cogumi writes such a file: do not trust where it came from.',
  BUNDLE_UNSUPPORTED: 'Use the version of Cogumi that made it, or build the bundle again with this one.',
  MODIFIER_BASE_MISMATCH: 'Train the modifier again on this base, and build the bundle anew.',
  ROUTER_BASE_MISMATCH: 'Train the router again on this base, and build the bundle anew.',
};

/** A bundle that must not be used. `entry` is the file inside it that is wrong; null: the bundle as a whole. */
export class BundleError extends CogumiError {
  readonly bundle: string;
  readonly entry: string | null;

  constructor(code: BundleErrorCode, bundle: string, entry: string | null, problem: string, cause?: unknown) {
    super(code, `${bundle}${entry === null ? '' : `, ${entry}`}: ${problem}`, HINTS[code], { cause });
    this.bundle = bundle;
    this.entry = entry;
  }
}
