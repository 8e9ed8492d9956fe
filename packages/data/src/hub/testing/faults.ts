/** What can go wrong with one request for a file. */
export type Fault =
  | { readonly kind: 'none' }
  /** The connection ends after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The bytes of another file: as long, and different. */
  | { readonly kind: 'other-bytes' }
  /** A range is not honoured: everything is sent. */
  | { readonly kind: 'no-ranges' }
  | { readonly kind: 'slow'; readonly ms: number };
