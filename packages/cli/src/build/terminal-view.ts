import { BOUND_SIGN, type BuildEvent, countedVerdict, type Gate, gateId } from '@cogumi/contracts';
import { durationText, shownInterval } from '@cogumi/pure';
import { bytesText, type Colour, dim, figure, paint, printable } from '../terminal/style.ts';

/** Interval between lines of progress in plain output (chosen). */
const PLAIN_EVERY_MS = 15_000;
/** Warnings that are repeated at the end (chosen). */
const MOST_WARNINGS = 10;
const VERDICT: Readonly<Record<Gate['verdict'], readonly [Colour, string]>> = {
  pass: ['green', '✓'],
  fail: ['red', '✗'],
  inconclusive: ['yellow', '?'],
  skipped: ['dim', '–'],
};

/**
 * Shows a build: in a terminal with one live line for the running stage, otherwise with plain lines at intervals.
 *
 * @param write - Receives text with its line breaks.
 * @param live - True: a terminal that can redraw a line.
 */
export function createTerminalView(write: (text: string) => void, live: boolean) {
  let stages: readonly string[] = [];
  let finished = 0;
  let reportedAt = 0;
  const warnings: string[] = [];
  /** Ids of the gates for which a build ends `inconclusive`. */
  const undecided: string[] = [];
  const clear = () => {
    if (live) write('\r\x1b[2K');
  };
  const line = (text: string) => {
    clear();
    write(`${text}\n`);
  };

  return (event: BuildEvent): void => {
    switch (event.event) {
      case 'build-start':
        ({ stages } = event);
        return line(`${paint('bold', printable(event.recipe))}  ${stages.length} stages  ${dim(`run ${event.run}`)}`);
      case 'stage-start':
        reportedAt = event.at;
        if (live) write(`\r\x1b[2K${dim(`[${finished + 1}/${stages.length}]`)} ${event.stage} …`);
        return;
      case 'stage-progress': {
        const text = progressText(event);
        if (live) write(`\r\x1b[2K${dim(`[${finished + 1}/${stages.length}]`)} ${event.stage}  ${text}`);
        else if (event.at - reportedAt >= PLAIN_EVERY_MS) {
          reportedAt = event.at;
          line(`  ${event.stage}  ${text}`);
        }
        return;
      }
      case 'stage-warning':
        warnings.push(`  ${paint('yellow', 'warning')} ${event.stage}: ${printable(event.message)}`);
        return line(warnings.at(-1) as string);
      case 'gate-judged': {
        line(`    ${gateLine(event)}`);
        const { verdict, advice } = event.gate;
        if (countedVerdict(event) === 'inconclusive') undecided.push(printable(gateId(event.stage, event.gate)));
        const open = verdict === 'fail' || verdict === 'inconclusive';
        if (open && !event.overridden && advice !== '') line(`      ${printable(advice)}`);
        return;
      }
      case 'stage-end': {
        finished++;
        const how = event.outcome === 'done' ? durationText(event.elapsedMs) : event.outcome;
        // Of an error that ends the build its code: it follows whole.
        const message = event.outcome === 'failed' ? event.message.split(':')[0] : event.message;
        const note = message ? ` ${printable(message)}` : '';
        return line(`${dim(`[${finished}/${stages.length}]`)} ${event.stage.padEnd(22)} ${how}${note}`);
      }
      case 'build-end': {
        const peak = event.peakMemoryBytes === null ? '' : `, peak memory ${bytesText(event.peakMemoryBytes)}`;
        line(`${paint('bold', event.outcome)} in ${durationText(event.elapsedMs)}${peak}`);
        if (event.outcome === 'inconclusive' && undecided.length > 0) {
          const made = event.bundle ? '; the bundle is made all the same' : '';
          line(`  too few questions to decide ${undecided.join(', ')}${made}`);
        }
        if (event.bundle) line(`  bundle  ${event.bundle}\n  digest  ${event.digest}`);
        // What was told once, hours ago, is told again where it is read.
        for (const warning of warnings.slice(0, MOST_WARNINGS)) line(warning);
        if (warnings.length > MOST_WARNINGS)
          line(`  … and ${warnings.length - MOST_WARNINGS} more; the report has all`);
        return;
      }
      default:
        return;
    }
  };
}

/** A gate under the id that `--override` takes, with what was measured. */
function gateLine({ stage, gate, overridden, candidate }: Extract<BuildEvent, { event: 'gate-judged' }>): string {
  const { measured, bound, threshold, verdict, guard, evidence } = gate;
  const [colour, sign] = VERDICT[verdict];
  const name = `${paint(colour, `${sign} ${verdict}`)}  ${printable(gateId(stage, gate))}`;
  if (verdict === 'skipped') return `${name}  ${dim(printable(evidence))}`;
  const interval = shownInterval(gate);
  const range = interval ? ` [${figure(interval[0])}, ${figure(interval[1])}]` : '';
  const notes = [
    ...(overridden ? ['overridden'] : []),
    ...(!overridden && candidate !== null && verdict !== 'pass' ? [`${candidate} is taken back`] : []),
    ...(guard && verdict === 'inconclusive'
      ? ['short of it, which chance explains; the build is done all the same']
      : []),
  ];
  const note = notes.length > 0 ? `  ${notes.join(', ')}` : '';
  return `${name}  ${figure(measured)}${range}  ${dim(`${BOUND_SIGN[bound]} ${figure(threshold)}`)}${note}`;
}

function progressText(event: Extract<BuildEvent, { event: 'stage-progress' }>): string {
  const { done, total, unit, perSecond, remainingMs, memoryBytes, note } = event;
  const share = total > 0 ? ` ${Math.floor((100 * done) / total)}%` : '';
  const parts = [
    `${done}/${total} ${unit}${share}`,
    note !== '' ? printable(note) : perSecond === null ? '' : `${figure(perSecond)} ${unit}/s`,
    remainingMs === null ? '' : `${durationText(remainingMs)} left`,
    memoryBytes === null ? '' : bytesText(memoryBytes),
  ];
  return parts.filter((part) => part !== '').join('  ');
}
