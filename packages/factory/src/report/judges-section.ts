import type { JudgePassport } from '@cogumi/contracts';
import { intervalBar } from './charts.ts';
import { figure, percent } from './figures.ts';
import { html, type Markup } from './html.ts';

/** What a judge of the build was found to be beside people. */
export interface FoundPassport {
  /** Id of the node that compared it with people. */
  readonly stage: string;
  readonly passport: JudgePassport;
}

/** What a passport makes of the verdicts of its judge, with the colour of a gate's verdict. */
const STANDING = {
  valid: ['pass', 'its verdicts may block a gate'],
  refused: ['fail', 'its verdicts are advice'],
  undecided: ['inconclusive', 'its verdicts are advice, since the labels are too few to tell'],
} as const;

/** Each judge with what it had to show, as far as it showed it. */
export function judgesSection(passports: readonly FoundPassport[]): Markup {
  return html`${passports.map(passportOf)}`;
}

function passportOf({ stage, passport }: FoundPassport): Markup {
  const { teacher, form, minScore, items, verdict, agreement, kappa, requirements } = passport;
  const [colour, meaning] = STANDING[verdict];
  const task =
    form === 'pairs'
      ? 'says which of two answers is better'
      : `takes an answer for good from a score of ${minScore} on`;
  return html`<h3>${teacher} <span class="verdict ${colour}">${verdict}</span></h3>
<p><code>${stage}</code>: it ${task}, and says what most people say on ${percent(agreement)} of ${items} items, kappa ${figure(kappa)}; ${meaning}.</p>
<table class="gates"><thead><tr><th>verdict</th><th>has to show</th><th class="number">measured</th><th><span class="soft">95% interval</span></th><th class="number">threshold</th><th>evidence</th></tr></thead><tbody>${requirements.map(requirementRow)}</tbody></table>`;
}

function requirementRow(requirement: JudgePassport['requirements'][number]): Markup {
  const { name, criterion, verdict, measured, interval, threshold, items, evidence } = requirement;
  const shown =
    items === 0
      ? html`<td class="number soft">nothing to measure</td><td></td>`
      : html`<td class="number">${figure(measured)}<br><span class="soft">${figure(interval[0])} – ${figure(interval[1])}</span></td><td>${intervalBar(measured, interval, threshold)}</td>`;
  return html`<tr><td><span class="verdict ${verdict}">${verdict}</span></td><td><code class="id">${name}</code><br><span class="soft">${criterion}</span></td>${shown}<td class="number"><span class="whole">≥ ${figure(threshold)}</span></td><td class="soft">${evidence}</td></tr>`;
}
