export { ggufBytes, ggufEntry } from './gguf-bytes.ts';
export { randomLora, stories260k } from './stories260k.ts';
