/** A fault of one request for a file. */
export type Fault =
  | { readonly kind: 'none' }
  /** The connection ends after this many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Different bytes of the same length are sent. */
  | { readonly kind: 'other-bytes' }
  /** The range is ignored: the whole file is sent. */
  | { readonly kind: 'no-ranges' }
  | { readonly kind: 'slow'; readonly ms: number };
