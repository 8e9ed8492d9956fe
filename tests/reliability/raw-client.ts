import { connect } from 'node:net';

/** What a client sends, byte by byte, and when it goes. */
export interface RawRequest {
  readonly bytes: Buffer;
  /** `wait`: for the whole answer. `end`: it says that it sends no more, and waits. `leave`: it hangs up. `first`: it hangs up at the first bytes. */
  readonly ending: 'wait' | 'end' | 'leave' | 'first';
}

export interface RawReply {
  /** Null: the server has sent nothing, or nothing that is HTTP. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the whole answer came, as its headers say. */
  readonly complete: boolean;
}

/** Longest wait for an answer (chosen): ten times the longest that was seen on a busy machine. */
const ANSWER_SECONDS = 60;
/** Source addresses of Linux' loopback network, so that many short connections find free ports. */
let source = 0;

/** Sends bytes over a connection of their own. @throws Error if no answer has come after a minute. */
export function sendRaw(port: number, { bytes, ending }: RawRequest): Promise<RawReply> {
  const { promise, resolve, reject } = Promise.withResolvers<RawReply>();
  source = (source + 1) % 200;
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + source}` });
  const chunks: Buffer[] = [];
  // Seconds in which this process ran: it may have been stopped together with the server.
  let seconds = 0;
  const late = setInterval(() => {
    if (++seconds < ANSWER_SECONDS) return;
    clearInterval(late);
    socket.destroy();
    reject(new Error(`no answer after ${seconds} s to ${bytes.subarray(0, 2000).toString('latin1')}`));
  }, 1000);
  const done = () => {
    clearInterval(late);
    socket.destroy();
    resolve(parseReply(Buffer.concat(chunks)));
  };
  socket.on('connect', () => {
    if (ending === 'leave') socket.write(bytes, () => setImmediate(done));
    else if (ending === 'end') socket.end(bytes);
    else socket.write(bytes);
  });
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    if (ending === 'first') return done();
    const reply = parseReply(Buffer.concat(chunks));
    if (reply.complete) done();
  });
  // The server may close while the request is still being written: what it has said counts.
  socket.on('error', () => undefined);
  socket.on('close', done);
  return promise;
}

/** Reads an answer of HTTP/1.1; interim answers (1xx) are passed over. */
export function parseReply(bytes: Buffer): RawReply {
  const nothing = { status: null, headers: {}, body: '', complete: false };
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return nothing;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [, code] = /^HTTP\/1\.1 (\d{3})/.exec(first) ?? [];
  if (code === undefined) return nothing;
  const rest = bytes.subarray(end + 4);
  if (code.startsWith('1')) return parseReply(rest);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const status = Number(code);
  if (headers['transfer-encoding'] === 'chunked') return { status, headers, ...unchunk(rest) };
  const length = Number(headers['content-length'] ?? 0);
  return { status, headers, body: rest.subarray(0, length).toString('utf8'), complete: rest.length >= length };
}

function unchunk(bytes: Buffer): { body: string; complete: boolean } {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    if (line === -1) return { body: Buffer.concat(parts).toString('utf8'), complete: false };
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    if (size === 0 || Number.isNaN(size)) return { body: Buffer.concat(parts).toString('utf8'), complete: size === 0 };
    at = line + 2 + size + 2;
  }
}
