import { html, type Markup } from './html.ts';
import type { RouterFacts } from './read-run.ts';

/** Right routes by the layer of the base at which the router reads a prompt; the layer that was taken is marked. Empty for a single one. */
export function layersTable({ layer: taken, layers }: Pick<RouterFacts, 'layer' | 'layers'>): Markup {
  const [first] = layers;
  if (first === undefined || layers.length < 2) return html``;
  const kinds = Object.keys(first.kinds);
  return html`<figure><figcaption>right routes by the layer that the router reads, the first layer as 0</figcaption><table class="stack"><thead><tr><th>layer</th>${kinds.map((kind) => html`<th class="number">${kind}</th>`)}</tr></thead><tbody>
    ${layers.map(({ layer, kinds: own }) => {
      const cells = kinds.map((kind) => {
        const { right, prompts } = own[kind] ?? { right: 0, prompts: 0 };
        return html`<td data-label="${kind}" class="number${layer === taken ? ' strong' : ''}">${right} of ${prompts}</td>`;
      });
      return html`<tr><th data-label="layer">${layer}${layer === taken ? ', taken' : ''}</th>${cells}</tr>`;
    })}
  </tbody></table></figure>`;
}
