import { type Exchange, Refusal, sendJson, sendWhole } from './exchange.ts';

interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly purpose: string;
  readonly text: () => string;
  readonly createdMs: number;
  /** Called after its last byte was sent. */
  readonly onDelivered: () => void;
}

/** OpenAI's files: the input and the results of batches. */
export function createFileStore() {
  const files = new Map<string, StoredFile>();

  function get(id: string): StoredFile {
    const file = files.get(id);
    if (!file) throw new Refusal(404, 'invalid_request_error', `No such File object: ${id}`);
    return file;
  }
  function add(filename: string, purpose: string, text: () => string, onDelivered = () => {}): StoredFile {
    const file = { id: `file-${files.size + 1}`, filename, purpose, text, createdMs: Date.now(), onDelivered };
    files.set(file.id, file);
    return file;
  }
  const show = ({ id, filename, purpose, text, createdMs }: StoredFile) => ({
    id,
    object: 'file',
    bytes: Buffer.byteLength(text()),
    created_at: Math.floor(createdMs / 1000),
    filename,
    purpose,
    status: 'processed',
  });

  return {
    get,
    add,
    async upload(exchange: Exchange): Promise<void> {
      const { request, body } = exchange;
      const type = request.headers['content-type'] ?? '';
      if (!type.startsWith('multipart/form-data')) {
        throw new Refusal(400, 'invalid_request_error', 'Expected multipart/form-data');
      }
      const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
      const [purpose, file] = [form.get('purpose'), form.get('file')];
      if (typeof purpose !== 'string') throw new Refusal(400, 'invalid_request_error', "Missing 'purpose'");
      if (!(file instanceof File)) throw new Refusal(400, 'invalid_request_error', "Missing 'file'");
      const text = await file.text();
      return sendJson(exchange, 200, show(add(file.name, purpose, () => text)));
    },
    show: (exchange: Exchange, id: string) => sendJson(exchange, 200, show(get(id))),
    content(exchange: Exchange, id: string): Promise<void> {
      const file = get(id);
      exchange.response.on('finish', file.onDelivered);
      return sendWhole(exchange, 200, 'application/octet-stream', file.text());
    },
  };
}
export type FileStore = ReturnType<typeof createFileStore>;
