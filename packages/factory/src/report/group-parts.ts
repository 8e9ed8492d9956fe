import { groupColour } from './failure-map.ts';
import { html, type Markup } from './html.ts';

/** Characters of a question or an answer on the page (chosen). */
const LONGEST_SHOWN = 400;

/** A dot in the colour of a group of failures. */
export function swatch(cluster: number): Markup {
  return html`<span class="swatch" style="background:${groupColour(cluster)}"></span>`;
}

/** The beginning of a text that is too long for the page. */
export function clip(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
