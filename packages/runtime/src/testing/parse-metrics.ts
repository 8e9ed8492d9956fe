/** One value of a metric, such as `cogumi_requests_total{status="200"} 3`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text form of Prometheus. @throws Error for a line that is none of it, and for a value without a HELP and a TYPE. */
export function parseMetrics(text: string): Sample[] {
  const described = new Map<string, number>();
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (?:HELP|TYPE) ([a-zA-Z_]\w*) \S/.exec(line);
    if (comment?.[1] !== undefined) {
      described.set(comment[1], (described.get(comment[1]) ?? 0) + 1);
      continue;
    }
    const [, name, labels = '', value = ''] = /^([a-zA-Z_]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`This line is no metric: ${line}`);
    const family = name.replace(/_(?:bucket|sum|count)$/, '');
    if ((described.get(name) ?? described.get(family)) !== 2) throw new Error(`${name} has no HELP or no TYPE.`);
    const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
    if (pairs.map(([pair]) => pair).join(',') !== labels) throw new Error(`The labels of this line are wrong: ${line}`);
    samples.push({ name, labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])), value: Number(value) });
  }
  return samples;
}
