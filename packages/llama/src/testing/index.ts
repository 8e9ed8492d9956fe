export { ggufBytes, ggufEntry } from './gguf-bytes.ts';
export { stories260k } from './stories260k.ts';
