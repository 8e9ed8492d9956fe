// Loaded into a server and its model by `--import`: of each request it keeps COGUMI_LEAK_BYTES, as a leak would. A server keeps an array, a
// model an ArrayBuffer.
import { subscribe } from 'node:diagnostics_channel';

const bytes = Number(process.env.COGUMI_LEAK_BYTES);
const kept = [];
subscribe('http.server.request.start', () => kept.push(Array(Math.ceil(bytes / 8)).fill(0)));
// Not a listener: with the first one Node begins to deliver, and the model's own is not there yet.
const { emit } = process;
process.emit = function (event, message, ...rest) {
  if (event === 'message' && message?.kind === 'generate') kept.push(new ArrayBuffer(bytes));
  return emit.call(this, event, message, ...rest);
};
