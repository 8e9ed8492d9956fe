import type { JudgePassport } from '@cogumi/contracts';
import { markdownTable } from '../terminal/markdown-table.ts';
import { printable } from '../terminal/style.ts';

const HEADS = ['requirement', 'found', '95% interval', 'at least', 'items', 'verdict'];

const isText = (column: number) => column === 0 || column === 5;

/** The passport of a judge as a table in Markdown, what each figure is made of, and what it may do in plain words. */
export function tellPassport(passport: JudgePassport): string {
  const { teacher, form, items, requirements } = passport;
  const rows = requirements.map(({ name, measured, interval: [low, high], threshold, items: of, verdict }) => [
    ...[name, figure(measured), `${figure(low)} to ${figure(high)}`, figure(threshold), String(of), verdict],
  ]);
  return [
    `# ${printable(teacher)}, judge of ${form}, on ${items} labelled ${form}`,
    '',
    ...markdownTable([HEADS, ...rows], isText),
    '',
    ...requirements.map(({ name, criterion, evidence }) => printable(`- ${name}: ${criterion}. Found: ${evidence}.`)),
    '',
    sayVerdict(passport),
  ].join('\n');
}

function sayVerdict({ verdict, requirements }: JudgePassport): string {
  const named = (wanted: string) =>
    requirements.flatMap((one) => (one.verdict === wanted ? [one.name] : [])).join(', ');
  if (verdict === 'valid')
    return 'It holds a passport for this prompt and these labels: its verdicts may block a gate.';
  const advice = 'What it says is advice and blocks no gate.';
  return verdict === 'refused'
    ? `Refused: it fails ${named('fail')}. ${advice}`
    : `Undecided: these labels are too few, or of one kind, to tell ${named('inconclusive')}. ${advice}`;
}

const figure = (value: number) => value.toFixed(3);
