import { convert } from 'html-to-text';

/** What is on a page and not in its text. */
const LEFT_OUT = ['nav', 'header', 'footer', 'aside', 'form', 'img', 'button', 'svg', 'iframe'];
const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];

/** The text of a page without its navigation; headings become lines that begin with `#`. */
export function htmlText(html: string): string {
  return convert(html, {
    wordwrap: false,
    formatters: {
      heading: ({ name, children }, walk, builder) => {
        builder.openBlock({ leadingLineBreaks: 2 });
        builder.addLiteral(`${'#'.repeat(Number(name.slice(1)))} `);
        walk(children, builder);
        builder.closeBlock({ trailingLineBreaks: 2 });
      },
    },
    selectors: [
      ...HEADINGS.map((selector) => ({ selector, format: 'heading' })),
      ...LEFT_OUT.map((selector) => ({ selector, format: 'skip' })),
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false } },
    ],
  });
}
