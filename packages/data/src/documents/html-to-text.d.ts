/** The part of html-to-text that is used here; the package brings no types. */
declare module 'html-to-text' {
  interface Selector {
    readonly selector: string;
    readonly format?: string;
    readonly options?: Readonly<Record<string, unknown>>;
  }
  interface Builder {
    openBlock(options?: Readonly<Record<string, unknown>>): void;
    closeBlock(options?: Readonly<Record<string, unknown>>): void;
    addLiteral(text: string): void;
  }
  interface Element {
    readonly name: string;
    readonly children: readonly unknown[];
  }
  type Formatter = (
    element: Element,
    walk: (children: readonly unknown[], builder: Builder) => void,
    builder: Builder,
    options: Readonly<Record<string, unknown>>,
  ) => void;
  export function convert(
    html: string,
    options?: {
      readonly wordwrap?: number | false;
      readonly selectors?: readonly Selector[];
      readonly formatters?: Readonly<Record<string, Formatter>>;
    },
  ): string;
}
