export { chatPrompt } from './chat-prompt.ts';
export { type GgufHeader, readGgufHeader } from './gguf-header.ts';
export { type ModelHost, openModel } from './model-host.ts';
export { probeLibrary } from './probe-library.ts';
export { ModelDiedError } from './process.ts';
export { quantize } from './quantize.ts';
export type { QuantizationType } from './quantize-here.ts';
export type * from './types.ts';
