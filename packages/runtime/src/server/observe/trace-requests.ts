import { setTimeout } from 'node:timers/promises';
import { CogumiError } from '@cogumi/contracts';
import {
  type Attributes,
  type Context,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
} from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Generation } from '../generation.ts';
import type { RequestRecord } from './request-record.ts';
import { inputMessages, OutputMessages } from './span-content.ts';
import type { Tracing } from './start-tracing.ts';

/** A collector that is down would be told with each batch (chosen). */
const SILENT_MS = 60_000;
/**
 * How long a server that ends waits for its collector (chosen). The exporter would wait for 10 s, after up to 10 s for answers, and
 * service managers kill after 10 to 90 s.
 */
const LAST_SPANS_MS = 2_000;

/** Read without a prototype, so that no header finds anything but a header. */
const HEADERS: TextMapGetter<Headers> = {
  keys: (headers) => [...headers.keys()],
  get: (headers, name) => headers.get(name) ?? undefined,
};

interface Traced {
  readonly span: Span;
  readonly output: OutputMessages | null;
  /** Id of the bundle's own model. */
  readonly whole: string;
}

/**
 * One span for each request that asks for text, with the attributes of OpenTelemetry's conventions for generative AI. It continues the
 * trace that the client names (W3C `traceparent`).
 *
 * @param options - `content`: also what was asked and answered. `endpoint`: names the collector in messages.
 */
export function traceRequests({
  content,
  endpoint,
  onProblem,
}: {
  readonly content: boolean;
  readonly endpoint: string;
  readonly onProblem: (error: CogumiError) => void;
}): Tracing {
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = (error: unknown) => {
    if (performance.now() - toldAt < SILENT_MS) return;
    toldAt = performance.now();
    onProblem(unsent(endpoint, error));
  };
  setGlobalErrorHandler(tell);
  const provider = new TracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come last, so they count.
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'cogumi' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer('cogumi');
  const propagator = new W3CTraceContextPropagator();
  const parents = new WeakMap<RequestRecord, Context>();
  const traced = new WeakMap<RequestRecord, Traced>();
  return {
    observer: {
      begin: (record, headers) => parents.set(record, propagator.extract(ROOT_CONTEXT, headers, HEADERS)),
      ask: (record, request) => {
        const { model } = request;
        const name = operationOf(record);
        const attributes = { ...requestAttributes(name, request), ...(content ? input(request) : {}) };
        const options = { kind: SpanKind.SERVER, startTime: hrTime(record.startedAt), attributes };
        const span = tracer.startSpan(`${name} ${model.id}`, options, parents.get(record) ?? ROOT_CONTEXT);
        traced.set(record, { span, output: content ? new OutputMessages() : null, whole: model.parent ?? model.id });
      },
      piece: (record, piece) => traced.get(record)?.output?.add(piece),
      end: (record) => {
        const { span, output, whole } = traced.get(record) ?? {};
        if (!span) return;
        span.setAttributes(responseAttributes(record, String(whole)));
        if (output) span.setAttribute('gen_ai.output.messages', String(output));
        if (record.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end(hrTime(record.startedAt + record.durationMs));
      },
    },
    close: async () => {
      const sent = provider.shutdown().then(() => true);
      const late = setTimeout(LAST_SPANS_MS, false, { ref: false });
      const inTime = await Promise.race([sent, late]).catch(tell);
      if (inTime === false) tell(new Error(`no answer within ${LAST_SPANS_MS / 1000} s`));
    },
  };
}

/** Node gives an error without a message where every address of a name refused. */
function unsent(endpoint: string, cause: unknown): CogumiError {
  const { message = '', code = 'an unknown error' } = cause as Partial<NodeJS.ErrnoException>;
  return new CogumiError(
    'SPANS_UNSENT',
    `The collector ${endpoint} took no spans: ${message === '' ? code : message}.`,
    'Check that it runs and takes OTLP over HTTP at this address. Requests are answered without it.',
    { cause },
  );
}

/** As seconds and nanoseconds: the SDK takes a number for a time since the start of the process if the clock was set back. */
function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}

function operationOf({ endpoint }: RequestRecord): string {
  return endpoint === '/v1/completions' ? 'text_completion' : 'chat';
}

function input({ answer }: Generation): Attributes {
  return { 'gen_ai.input.messages': inputMessages(answer) };
}

function requestAttributes(operation: string, { model, answer }: Generation): Attributes {
  const { maxTokens, temperature, topP, topK, frequencyPenalty, presencePenalty, stop, seed, choices } = answer;
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'cogumi',
    'gen_ai.request.model': model.id,
    ...defined({
      'gen_ai.request.max_tokens': maxTokens,
      'gen_ai.request.temperature': temperature,
      'gen_ai.request.top_p': topP,
      'gen_ai.request.top_k': topK,
      'gen_ai.request.frequency_penalty': frequencyPenalty,
      'gen_ai.request.presence_penalty': presencePenalty,
      'gen_ai.request.stop_sequences': stop && [...stop],
      'gen_ai.request.seed': seed,
      'gen_ai.request.choice.count': choices,
    }),
  };
}

function responseAttributes(record: RequestRecord, whole: string): Attributes {
  const { decision, status, errorCode, firstTokenMs } = record;
  return {
    'http.response.status_code': status,
    'cogumi.request.id': record.requestId,
    ...(status >= 400 ? { 'error.type': errorCode ?? String(status) } : {}),
    ...(decision === null
      ? {}
      : {
          'gen_ai.response.model': `${whole}:${decision.route}`,
          'gen_ai.response.finish_reasons': record.finishReasons,
          'gen_ai.usage.input_tokens': record.promptTokens,
          'gen_ai.usage.output_tokens': record.completionTokens,
          'gen_ai.usage.cache_read.input_tokens': record.cachedTokens,
          'cogumi.route': decision.route,
          'cogumi.route.reason': decision.reason,
          ...defined({
            'cogumi.route.confidence': decision.confidence ?? undefined,
            'cogumi.time_to_first_token': firstTokenMs === null ? undefined : firstTokenMs / 1000,
          }),
        }),
  };
}

function defined(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
