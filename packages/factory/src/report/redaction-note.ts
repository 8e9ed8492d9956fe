import { z } from 'zod';
import { html, type Markup } from './html.ts';
import type { ReportStage } from './read-run.ts';

const Redactions = z.object({
  redacted: z.object({ rows: z.number() }).catchall(z.number()),
  redactionSamples: z.record(z.string(), z.array(z.object({ form: z.string(), context: z.string() }))),
});

/** What a step redacted, by kind, with samples: a reader sees whether a decimal was taken for a phone number. */
export function redactionNote(stages: readonly ReportStage[]): Markup {
  return html`${stages.flatMap(({ manifest }) => {
    const facts = Redactions.safeParse(manifest?.facts);
    if (!facts.success || facts.data.redacted.rows === 0) return [];
    const { rows, ...kinds } = facts.data.redacted;
    const counts = Object.entries(kinds).map(([kind, places]) => `${places.toLocaleString('en-US')} ${kind}`);
    const samples = Object.entries(facts.data.redactionSamples).flatMap(([kind, list]) =>
      list.map(({ form, context }) => html`<tr><td>${kind}</td><td><code>${form}</code></td><td>${context}</td></tr>`),
    );
    return [
      html`<p>Personal data was redacted in ${rows.toLocaleString('en-US')} rows: ${counts.join(', ')}; redactions.jsonl lists each place. Samples, with digits as 0 and letters as x:</p><div class="scroll"><table><thead><tr><th>kind</th><th>form</th><th>text around it</th></tr></thead><tbody>${samples}</tbody></table></div>`,
    ];
  })}`;
}
