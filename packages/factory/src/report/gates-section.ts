import { BOUND_SIGN, gateId } from '@cogumi/contracts';
import { shownInterval } from '@cogumi/pure';
import { intervalBar } from './charts.ts';
import { figure } from './figures.ts';
import { html, type Markup } from './html.ts';
import type { ReportData } from './read-run.ts';

/** Every gate with its figures and evidence, and with advice where it did not pass. */
export function gatesSection({ gates }: ReportData): Markup {
  if (gates.length === 0) return html``;
  return html`<table class="gates"><thead><tr><th>verdict</th><th>gate</th><th class="number">measured</th><th><span class="soft">95% interval</span></th><th class="number">threshold</th><th>evidence</th></tr></thead><tbody>
  ${gates.map(({ stage, gate, overridden, candidate }, at) => {
    const interval = shownInterval(gate);
    return html`<tr id="gate-${at}">
    <td>${verdict(gate.verdict)}${note({ gate, overridden, candidate }, html`<br>`)}</td>
    <td><code class="id">${gateId(stage, gate)}</code><br><span class="soft">${gate.criterion}</span></td>
    ${
      gate.verdict === 'skipped'
        ? html`<td class="number soft">nothing to measure</td><td></td>`
        : html`<td class="number">${figure(gate.measured)}${interval ? html`<br><span class="soft">${figure(interval[0])} – ${figure(interval[1])}</span>` : html`<br><span class="soft">exact</span>`}</td>
    <td>${intervalBar(gate.measured, interval, gate.threshold)}</td>`
    }
    <td class="number"><span class="whole">${BOUND_SIGN[gate.bound]} ${figure(gate.threshold)}</span><br><span class="soft">${gate.unit}</span></td>
    <td class="soft">${gate.evidence}${gate.verdict === 'pass' || gate.verdict === 'skipped' || gate.advice === '' ? '' : html`<br><span class="advice">What to try: ${gate.advice}</span>`}</td></tr>`;
  })}</tbody></table>`;
}

/** Gates that did not pass, and stages that failed or made nothing. Empty when all is well. */
export function gatesSummary({ gates, stages }: ReportData): Markup {
  const open = gates.flatMap((one, at) =>
    one.gate.verdict === 'pass' || one.gate.verdict === 'skipped' ? [] : [{ ...one, at }],
  );
  const broken = stages.filter(({ outcome }) => outcome === 'failed');
  const idle = stages.filter(({ outcome }) => ['blocked', 'unfinished', 'not-started'].includes(outcome));
  if (open.length + broken.length + idle.length === 0) return html``;
  return html`<ul class="open">${open.map(
    ({ stage, gate, overridden, candidate, at }) =>
      html`<li>${verdict(gate.verdict)} <a href="#gate-${at}">${gateId(stage, gate)}</a>: ${figure(gate.measured)} ${gate.unit}, expected ${BOUND_SIGN[gate.bound]} ${figure(gate.threshold)}${note({ gate, overridden, candidate }, html` `)}</li>`,
  )}${broken.map(({ id, message }) => html`<li><span class="verdict fail">failed</span> ${id}: ${message}</li>`)}${
    idle.length > 0 ? html`<li><span class="verdict">not made</span> ${idle.map(({ id }) => id).join(', ')}</li>` : ''
  }</ul>`;
}

function verdict(name: string): Markup {
  return html`<span class="verdict ${name}">${name}</span>`;
}

/** What became of a gate that did not pass: overridden by name, or its optional step was taken back. */
function note({ gate, overridden, candidate }: Omit<ReportData['gates'][number], 'stage'>, before: Markup): Markup {
  if (overridden) return html`${before}<b class="overridden">OVERRIDDEN</b>`;
  if (gate.guard && gate.verdict === 'inconclusive')
    return html`${before}<span class="soft">short of it, which chance explains</span>`;
  // A gate that had nothing to measure took nothing back.
  if (candidate === null || gate.verdict === 'pass' || gate.verdict === 'skipped') return html``;
  return html`${before}<span class="soft">optional step ${candidate}: taken back</span>`;
}
