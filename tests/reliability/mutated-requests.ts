import { LARGEST_BODY_BYTES } from '@cogumi/runtime';
import fc from 'fast-check';
import { type Json, KEYS, nastyModel, nastySchema, nastyValue, Raw, write } from './nasty-values.ts';
import type { RawRequest } from './raw-client.ts';
import { keyOf } from './served-child.ts';
import { SECRET, type Target } from './valid-requests.ts';

/** Who asks. `reader` has a key for /tokenize only, `nobody` a key that does not hold, `null` none. */
export const OWNERS = ['alice', 'bob', 'carol', 'reader', 'nobody', null] as const;

const HONEST = OWNERS.slice(0, 3);

/** A request as it was made, so that a failure can be read. */
export interface Mutated extends RawRequest {
  /** Whether the server can know from it which endpoint was meant. */
  readonly addressed: boolean;
  /** Whether it is a whole request, to which there has to be an answer: one to a body that is too large is lost if the client still writes. */
  readonly whole: boolean;
}

type Path = readonly (string | number)[];

/** Every place of a document: fields and items at all levels. */
function places(value: Json, at: Path = []): Path[] {
  if (value === null || typeof value !== 'object' || value instanceof Raw) return [at];
  return [
    at,
    ...Object.entries(value).flatMap(([key, own]) =>
      places(own as Json, [...at, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function change(value: Json, [first, ...rest]: Path, to: (before: Json) => Json | undefined): Json {
  if (first === undefined) return to(value) ?? null;
  if (Array.isArray(value)) {
    return value.flatMap((own: Json, at) => {
      if (at !== first) return [own];
      const changed = rest.length === 0 ? to(own) : change(own, rest, to);
      return changed === undefined ? [] : [changed];
    });
  }
  if (value === null || typeof value !== 'object' || value instanceof Raw) return value;
  const entries = Object.entries(value as { readonly [key: string]: Json });
  if (!entries.some(([key]) => key === first)) entries.push([String(first), {}]);
  return Object.fromEntries(
    entries.flatMap(([key, own]) => {
      if (key !== first) return [[key, own]];
      const changed = rest.length === 0 ? to(own) : change(own, rest, to);
      return changed === undefined ? [] : [[key, changed]];
    }),
  );
}

/** Changes one place of a body. `place` chooses among all that it has. */
const mutation = fc.record({
  place: fc.nat(10_000),
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'add', 'wrap', 'repeat', 'model', 'schema'),
  key: fc.constantFrom(...KEYS),
  value: nastyValue,
  model: nastyModel,
  schema: nastySchema,
  times: fc.constantFrom(2, 3, 200, 1100),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate(body: Json, target: Target, { place, kind, key, value, model, schema, times }: Mutation): Json {
  const all = places(body);
  const at = all[place % all.length] as Path;
  switch (kind) {
    case 'replace':
      return change(body, at, () => value);
    case 'remove':
      return change(body, at, () => undefined);
    case 'add':
      return change(body, at, (before) =>
        before !== null && typeof before === 'object' && !Array.isArray(before) && !(before instanceof Raw)
          ? { ...before, [key]: value }
          : value,
      );
    case 'wrap':
      return change(body, at, (before) => [before]);
    case 'repeat':
      return change(body, at, (before) =>
        Array.isArray(before) ? Array(times).fill(before).flat() : Array(Math.min(times, 200)).fill(before),
      );
    case 'model':
      return change(body, ['model'], () => model);
    case 'schema': {
      const { schemas = [] } = target;
      const path = schemas[place % Math.max(1, schemas.length)];
      if (path === undefined || body === null || typeof body !== 'object' || Array.isArray(body) || body instanceof Raw)
        return body;
      // Only where the body has a schema already: what is around it has to be right for it to be read.
      return Object.hasOwn(body, path[0] as string) ? change(body, path, () => schema) : body;
    }
  }
}

const HEADERS = [
  [
    'content-type: text/plain',
    'content-type: application/json; charset=utf-16',
    'content-type: application/x-www-form-urlencoded',
    '',
  ],
  ['content-type: application/json\r\ncontent-type: text/plain', 'content-type:', 'content-type: application/json\0'],
  [
    'x-request-id: ../../etc/passwd',
    `x-request-id: ${'x'.repeat(5000)}`,
    'x-request-id: a\r\n b',
    'x-request-id: <script>',
    'x-request-id: ok-1',
  ],
  [
    'expect: 100-continue',
    'expect: nonsense',
    'upgrade: websocket\r\nconnection: upgrade',
    'connection: keep-alive, upgrade\r\nupgrade: h2c',
  ],
  [
    'content-encoding: gzip',
    'accept: image/png',
    'accept-encoding: br',
    'te: trailers',
    'range: bytes=0-1',
    'if-none-match: *',
  ],
  [
    'host: evil.example',
    'host: localhost:1\r\nhost: localhost',
    'host: ',
    'host: a@b',
    'host: [::1',
    'host: localhost/../x',
  ],
  [
    'origin: http://evil.example',
    'origin: null',
    'referer: x',
    'cookie: a=b',
    'x-forwarded-for: 127.0.0.1',
    'forwarded: for=x',
  ],
  [
    `x-flood: ${'y'.repeat(20_000)}`,
    Array.from({ length: 1500 }, (_, at) => `x-${at}: 1`).join('\r\n'),
    ': no name',
    'no colon',
    'a b: c',
  ],
  [
    'authorization: Basic YTpi',
    'authorization: Bearer',
    'authorization: Bearer a\r\nauthorization: Bearer b',
    `x-api-key: ${'k'.repeat(9000)}`,
  ],
  [
    'traceparent: 00-zz-zz-01',
    'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'baggage: a=b',
    'anthropic-version: 1',
  ],
  [
    'transfer-encoding: gzip, chunked',
    'transfer-encoding: chunked\r\ntransfer-encoding: identity',
    'transfer-encoding: xchunked',
  ],
  [
    'content-length: -1',
    'content-length: 1e3',
    'content-length: 99999999999999999999',
    'content-length: 5\r\ncontent-length: 6',
    'content-length: +3',
  ],
].flat();

/** What is written behind or instead of a path. */
const PATHS: readonly ((path: string) => string)[] = [
  ...[
    '?',
    '?a=b',
    `?${'q'.repeat(9000)}`,
    '/',
    '//',
    '/..',
    '/../metrics',
    '/%00',
    '%00',
    '/%2e%2e/metrics',
    '#x',
    ';x',
    '%',
    '\\..\\x',
  ].map((end) => (path: string) => path + end),
  ...['/..', '//localhost', '/.', 'http://localhost', 'http://evil.example', 'http://', '*', 'localhost:80'].map(
    (begin) => (path: string) => begin + path,
  ),
  (path) => path.toUpperCase(),
  (path) => path.replace('v1', 'v%31'),
  () => '/v1/models/../../../etc/passwd',
  () => `/v1/models/${'%f0%9f%a6%99'.repeat(100)}`,
  () => '/v1/models/%ff%fe',
  () => '/v1/models/__proto__',
  () => '/v1/models/sample%3Abase%00',
  () => '/v1/models/sample:cod',
  () => '',
];
const METHODS = [
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'get',
  'GE T',
  '',
];

/** Null but for one case in `oneIn`. */
const rarely = <T>(oneIn: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

/** How the bytes of a request are sent. */
const TRANSPORTS = [
  ...Array<'plain'>(12).fill('plain'),
  ...([
    'chunked',
    'broken-chunks',
    'longer',
    'shorter',
    'both',
    'cut',
    'flipped',
    'flipped-head',
    'leave',
    'first',
  ] as const),
];

/** Requests to an endpoint: of ten about four are well-formed and changed in a field, the others are broken elsewhere as well. */
export function mutatedRequests(target: Target): fc.Arbitrary<Mutated> {
  return fc
    .record({
      body: target.bodies.length === 0 ? fc.constant(null) : fc.constantFrom(...target.bodies),
      mutations: fc.array(mutation, { maxLength: 3 }),
      owner: fc.constantFrom(...OWNERS, ...HONEST, ...HONEST, ...HONEST, ...HONEST, ...HONEST, ...HONEST),
      transport: fc.constantFrom(...TRANSPORTS),
      header: rarely(target.bodies.length === 0 ? 2 : 6, fc.constantFrom(...HEADERS)),
      path: rarely(target.bodies.length === 0 ? 2 : 25, fc.constantFrom(...PATHS)),
      method: rarely(25, fc.constantFrom(...METHODS)),
      /** Where bytes are cut or changed, as shares of the length, and what they become. */
      at: fc.array(fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), {
        minLength: 1,
        maxLength: 3,
      }),
    })
    .map(({ body, mutations, owner, transport, header, path, method, at }) => {
      const changed = body && mutations.reduce<Json>((value, next) => mutate(value, target, next), body);
      let text: Buffer = changed === null ? Buffer.alloc(0) : Buffer.from(write(changed));
      if (transport === 'flipped') text = flip(text, at);
      if (transport === 'cut') text = text.subarray(0, Math.floor(text.length * (at[0]?.share ?? 0)));
      const lines = [
        `${method ?? target.method} ${path ? path(target.path) : target.path} HTTP/1.1`,
        header?.startsWith('host:') ? '' : 'Host: localhost',
        ...(owner === null
          ? []
          : [target.errors === 'anthropic' ? `x-api-key: ${keyOf(owner)}` : `authorization: Bearer ${keyOf(owner)}`]),
        header?.startsWith('content-type') || target.bodies.length === 0 ? '' : 'content-type: application/json',
        header ?? '',
        ...framing(transport, text.length, target.bodies.length === 0),
      ];
      let head: Buffer = Buffer.from(`${lines.filter((line) => line !== '').join('\r\n')}\r\n\r\n`, 'latin1');
      if (transport === 'flipped-head') head = flip(head, at);
      const all = Buffer.concat([head, target.bodies.length === 0 ? text : framed(transport, text)]);
      const left = transport === 'leave' ? all.subarray(0, Math.floor(all.length * (at[0]?.share ?? 0))) : all;
      const intact = transport !== 'flipped-head' && path === null && method === null;
      return {
        bytes: left,
        ending:
          transport === 'leave' || transport === 'first'
            ? transport
            : transport === 'longer' || transport === 'both'
              ? 'end'
              : 'wait',
        addressed: intact && header === null,
        whole:
          all.length <= LARGEST_BODY_BYTES &&
          intact &&
          header === null &&
          !['leave', 'first', 'longer', 'shorter', 'both', 'broken-chunks'].includes(transport),
      } satisfies Mutated;
    });
}

function framing(transport: (typeof TRANSPORTS)[number], length: number, bodiless: boolean): string[] {
  if (bodiless) return [];
  switch (transport) {
    case 'chunked':
    case 'broken-chunks':
      return ['transfer-encoding: chunked'];
    case 'longer':
      return [`content-length: ${length + 50}`];
    case 'shorter':
      return [`content-length: ${Math.floor(length / 2)}`];
    case 'both':
      return [`content-length: ${length}`, 'transfer-encoding: chunked'];
    default:
      return [`content-length: ${length}`];
  }
}

function framed(transport: (typeof TRANSPORTS)[number], body: Buffer): Buffer {
  if (transport !== 'chunked' && transport !== 'broken-chunks') return body;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += 700) {
    const part = body.subarray(at, at + 700);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from(transport === 'chunked' ? '0\r\n\r\n' : 'zz\r\n0\r\n\r\n')]);
}

function flip(bytes: Buffer, at: readonly { readonly share: number; readonly byte: number }[]): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0)
    for (const { share, byte } of at) copy[Math.min(copy.length - 1, Math.floor(share * copy.length))] = byte;
  return copy;
}

/** The request with a secret of its own in all places of one. */
export function withSecret(request: Mutated, secret: string): Mutated {
  return { ...request, bytes: Buffer.from(request.bytes.toString('latin1').replaceAll(SECRET, secret), 'latin1') };
}
