export { chatPrompt } from './chat-prompt.ts';
export { ContextTooSmallError, ModelDiedError } from './errors.ts';
export { type GgufHeader, type GgufTensor, type MetadataValue, readGgufHeader } from './gguf-header.ts';
export { type ModelHost, openModel } from './model-host.ts';
export { probeLibrary } from './probe-library.ts';
export { quantize } from './quantize.ts';
export type { QuantizationType, QuantizeOptions } from './quantize-here.ts';
export type * from './types.ts';
