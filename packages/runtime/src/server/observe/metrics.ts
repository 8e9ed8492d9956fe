import { DRAFT_ORIGINS, type ModelStatistics } from '@cogumi/llama';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Answer, ChoicePiece } from '../../runtime.ts';
import type { RequestQueue } from '../request-queue.ts';
import type { RuntimeSwitch } from '../runtime-switch.ts';
import type { RequestObserver } from './request-observer.ts';
import type { RequestRecord } from './request-record.ts';

/** Seconds. The bounds of vLLM, whose dashboards people know, with finer ones below: small models are faster. */
const FIRST_TOKEN = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const BETWEEN_TOKENS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const WHOLE = [0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240];
/** Of probabilities. */
const CONFIDENCE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/** Of those that prom-client knows about the process; the others have names that Prometheus' own linter refuses. */
const OF_THE_PROCESS = [
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_open_fds',
  'nodejs_eventloop_lag_seconds',
];

/**
 * prom-client wakes the process this often, by default 100 times a second, for percentiles of the event loop's lag that are not among
 * ours. Each time takes the cores from the model.
 */
const LAG_EVERY_MS = 60_000;

/** One for all servers of a process: each would measure its event loop by itself. */
let ofTheProcess: Registry | null = null;

/** A counter that the model's process keeps; `seen`: at the last scrape. */
interface CountedElsewhere {
  readonly counter: Counter;
  readonly labels?: Readonly<Record<string, string>>;
  readonly valueIn: (statistics: ModelStatistics) => number;
  seen: number;
}

/** The label of requests that had no route, such as those that were refused. */
const NONE = 'none';

/**
 * Metrics of a server in the form of Prometheus. Names and meanings follow vLLM's, with `cogumi_` in front. The values of labels are
 * bounded: endpoints and routes that exist, statuses and reasons of fixed lists. Nothing that a client sends becomes one.
 */
export class ServerMetrics implements RequestObserver {
  readonly #registry = new Registry();
  readonly #runtimes: RuntimeSwitch;
  /** Requests whose answers are being made. */
  readonly #answering = new Map<RequestRecord, { answers: number; generated: number; begun: boolean }>();

  readonly #requests = this.#counter('requests', 'HTTP requests that have ended.', ['endpoint', 'status']);
  readonly #refusals = this.#counter('refusals', 'Requests that ended with an error, by its code.', ['code']);
  readonly #answers = this.#counter('answers', 'Answers that have ended.', ['route', 'finish_reason']);
  readonly #promptTokens = this.#counter('prompt_tokens', 'Tokens of prompts.', ['route']);
  readonly #generationTokens = this.#counter('generation_tokens', 'Generated tokens.', ['route']);
  readonly #cacheQueries = this.#counter('prefix_cache_queries', 'Tokens of prompts that were looked up.', ['route']);
  readonly #cacheHits = this.#counter('prefix_cache_hits', 'Tokens of prompts that were in the cache.', ['route']);
  readonly #decisions = this.#counter('router_decisions', 'Routes that were taken.', ['route', 'reason']);
  readonly #confidence = this.#histogram(
    'router_confidence',
    'Probability of the route that the router took.',
    ['route'],
    CONFIDENCE,
  );
  readonly #queueTime = this.#histogram(
    'request_queue_time_seconds',
    'From the head of a request to its turn.',
    [],
    FIRST_TOKEN,
  );
  readonly #firstToken = this.#histogram(
    'time_to_first_token_seconds',
    'From the head of a request to the first piece of its answer.',
    ['route'],
    FIRST_TOKEN,
  );
  readonly #betweenTokens = this.#histogram(
    'inter_token_latency_seconds',
    'Between the tokens of an answer. Tokens that come together share the time.',
    ['route'],
    BETWEEN_TOKENS,
  );
  readonly #whole = this.#histogram(
    'e2e_request_latency_seconds',
    'From the head of a request to the end of all work for it; only requests that were answered.',
    ['route'],
    WHOLE,
  );

  /** Counters that the model's process keeps, with what it had counted at the last scrape. */
  readonly #ofTheModel: CountedElsewhere[] = [
    ...(
      [
        ['adapterSwitches', 'adapter_switches', 'Times that the model was given other adapters.'],
        ['adapterLoads', 'adapter_loads', 'Times that an adapter was loaded.'],
      ] as const
    ).map(([key, name, help]) => ({
      counter: this.#counter(name, help, []),
      valueIn: (statistics: ModelStatistics) => statistics[key],
      seen: 0,
    })),
    ...(
      [
        ['drafts', 'spec_decode_num_drafts', 'Passes of an answer with drafted tokens, by who drafted them.'],
        ['draftedTokens', 'spec_decode_num_draft_tokens', 'Drafted tokens.'],
        ['acceptedTokens', 'spec_decode_num_accepted_tokens', 'Drafted tokens that the model chose as well.'],
      ] as const
    ).flatMap(([key, name, help]) => {
      const counter = this.#counter(name, help, ['source']);
      return DRAFT_ORIGINS.map((source) => ({
        counter,
        labels: { source },
        valueIn: ({ drafts }: ModelStatistics) => drafts[source][key],
        seen: 0,
      }));
    }),
  ];
  readonly #adapters = this.#plainGauge('adapters_loaded', 'Adapters that the model has loaded.');
  readonly #adapterMemory = this.#plainGauge('adapter_memory_bytes', 'Bytes of the loaded adapters.');
  readonly #unmeasured = this.#plainGauge('model_unmeasured', 'Decisions that wait until nothing is asked.');
  readonly #modelMemory = this.#plainGauge('model_resident_memory_bytes', "Resident memory of the model's process.");

  constructor(runtimes: RuntimeSwitch, queue: RequestQueue) {
    this.#runtimes = runtimes;
    this.#gauge('num_requests_running', 'Answers that were handed to the model.', () => queue.running);
    this.#gauge('num_requests_waiting', 'Requests that wait for their turn.', () => queue.waiting);
    this.#gauge('kv_cache_usage_perc', 'Share (0..1) of the cache that running answers use.', () => this.#cacheUsage());
    this.#gauge('model_up', '1: the model answers; 0: it is being loaded again.', () =>
      Number(runtimes.current.health.status === 'ok'),
    );
    this.#countLoads();
    this.#describeBundle();
    this.#describeProcess();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    await this.#readModel();
    // prom-client measures CPU time and the event loop when metrics are asked for that are not among ours.
    await ofTheProcess?.metrics();
    return this.#registry.metrics();
  }

  decide(record: RequestRecord, { decision, promptTokens }: Pick<Answer, 'decision' | 'promptTokens'>): void {
    const { route, reason, confidence } = decision;
    this.#promptTokens.inc({ route }, promptTokens);
    this.#decisions.inc({ route, reason });
    if (confidence !== null) this.#confidence.observe({ route }, confidence);
    if (this.#answering.has(record)) return;
    this.#answering.set(record, { answers: 1, generated: 0, begun: false });
    if (record.queueMs !== null) this.#queueTime.observe(record.queueMs / 1000);
  }

  piece(record: RequestRecord, piece: ChoicePiece, gapMs: number | null): void {
    const answering = this.#answering.get(record);
    const route = record.decision?.route ?? NONE;
    if (answering) answering.answers = Math.max(answering.answers, piece.choice + 1);
    if (piece.kind === 'end') {
      this.#answers.inc({ route, finish_reason: piece.finishReason });
      this.#generationTokens.inc({ route }, piece.completionTokens);
      this.#cacheQueries.inc({ route }, piece.promptTokens);
      this.#cacheHits.inc({ route }, piece.cachedTokens);
      return;
    }
    const tokens = piece.kind === 'text' ? piece.ids.length : 1;
    if (answering) {
      if (!answering.begun) this.#firstToken.observe({ route }, (record.firstTokenMs ?? 0) / 1000);
      answering.begun = true;
      answering.generated += tokens;
    }
    if (gapMs === null) return;
    for (let token = 0; token < tokens; token++) this.#betweenTokens.observe({ route }, gapMs / 1000 / tokens);
  }

  end(record: RequestRecord): void {
    this.#answering.delete(record);
    const { endpoint, status, errorCode, decision, durationMs } = record;
    this.#requests.inc({ endpoint: endpoint ?? 'other', status });
    if (errorCode !== null) this.#refusals.inc({ code: errorCode });
    if (decision !== null && status === 200) this.#whole.observe({ route: decision.route }, durationMs / 1000);
  }

  async #readModel(): Promise<void> {
    const statistics = await this.#runtimes.current.statistics();
    if (statistics === null) return;
    this.#modelMemory.set(statistics.memoryBytes);
    this.#unmeasured.set(statistics.unmeasured.length);
    this.#adapters.set(statistics.adapters);
    this.#adapterMemory.set(statistics.adapterBytes);
    for (const counted of this.#ofTheModel) {
      const now = counted.valueIn(statistics);
      // Another process counts from the beginning.
      counted.counter.inc(counted.labels ?? {}, now - (now < counted.seen ? 0 : counted.seen));
      counted.seen = now;
    }
  }

  #cacheUsage(): number {
    const { contextTokens, parallel } = this.#runtimes.current;
    const used = [...this.#answering].map(
      ([{ promptTokens }, { answers, generated }]) => promptTokens * answers + generated,
    );
    return used.reduce((sum, tokens) => sum + tokens, 0) / (contextTokens * parallel);
  }

  #countLoads(): void {
    const runtimes = this.#runtimes;
    let counted = 0;
    new Counter({
      name: 'cogumi_model_loads_total',
      help: 'Times that a model was loaded: at the start, after a crash, and for a new bundle.',
      registers: [this.#registry],
      collect() {
        this.inc(runtimes.loads - counted);
        counted = runtimes.loads;
      },
    });
  }

  #describeBundle(): void {
    const runtimes = this.#runtimes;
    new Gauge({
      name: 'cogumi_bundle_info',
      help: 'What is served; always 1.',
      labelNames: ['name', 'digest'],
      registers: [this.#registry],
      collect() {
        const { name, digest } = runtimes.current.served;
        this.reset();
        this.set({ name, digest: digest ?? NONE }, 1);
      },
    });
    new Gauge({
      name: 'cogumi_build_info',
      help: 'The program that serves; always 1.',
      labelNames: ['node', 'platform', 'arch'],
      registers: [this.#registry],
    }).set({ node: process.version, platform: process.platform, arch: process.arch }, 1);
  }

  #describeProcess(): void {
    if (ofTheProcess === null) {
      ofTheProcess = new Registry();
      collectDefaultMetrics({ register: ofTheProcess, eventLoopMonitoringPrecision: LAG_EVERY_MS });
    }
    for (const name of OF_THE_PROCESS) {
      const metric = ofTheProcess.getSingleMetric(name);
      if (metric) this.#registry.registerMetric(metric);
    }
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({
      name: `cogumi_${name}_total`,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
    });
  }

  #gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name: `cogumi_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(value());
      },
    });
  }

  #plainGauge(name: string, help: string): Gauge {
    return new Gauge({ name: `cogumi_${name}`, help, registers: [this.#registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({
      name: `cogumi_${name}`,
      help,
      labelNames: [...labelNames],
      buckets,
      registers: [this.#registry],
    });
  }
}
