import { CogumiError, EXIT } from '@cogumi/contracts';
import { isHttpAddress } from '@cogumi/pure';
import type { RequestObserver } from './request-observer.ts';

/** Sends spans of requests to a collector. */
export interface Tracing {
  readonly observer: RequestObserver;
  /** Sends what is left; a collector that takes longer than two seconds does not get it. */
  close(): Promise<void>;
}

const HTTP = ['http/json', 'http/protobuf'];

/**
 * Starts to send spans if OpenTelemetry's variables name a collector. The SDK is loaded only then.
 *
 * @param environment - The variables that OpenTelemetry specifies, such as `OTEL_EXPORTER_OTLP_ENDPOINT`; the exporter reads further ones.
 * @param onProblem - Spans cannot be sent. Requests go on.
 * @returns null: no collector is named.
 * @throws CogumiError OTEL_ENDPOINT, OTEL_PROTOCOL.
 */
export async function startTracing(
  environment: NodeJS.ProcessEnv,
  onProblem: (error: CogumiError) => void,
): Promise<Tracing | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base = '', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own = '' } = environment;
  const { OTEL_EXPORTER_OTLP_PROTOCOL: general, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol = general } = environment;
  const off = environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || environment.OTEL_TRACES_EXPORTER === 'none';
  const endpoint = own === '' ? base : own;
  if (off || endpoint === '') return null;
  const name = own === '' ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  if (!isHttpAddress(endpoint)) {
    throw new CogumiError(
      'OTEL_ENDPOINT',
      `${name} is ${JSON.stringify(endpoint.slice(0, 200))}, which is not an address of HTTP.`,
      'For example: OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318',
      { exitCode: EXIT.usage },
    );
  }
  if (protocol !== undefined && protocol !== '' && !HTTP.includes(protocol)) {
    throw new CogumiError(
      'OTEL_PROTOCOL',
      `OTEL_EXPORTER_OTLP_PROTOCOL is "${protocol}"; spans are sent over HTTP (${HTTP.join(', ')}).`,
      'Set it to http/json, and name the port of the collector for HTTP, usually 4318.',
      { exitCode: EXIT.usage },
    );
  }
  const { traceRequests } = await import('./trace-requests.ts');
  const content = environment.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT?.toLowerCase() === 'true';
  return traceRequests({ content, endpoint, onProblem });
}
