export { entropy } from './entropy.ts';
export { estimateTokens } from './estimate-tokens.ts';
export { type Identifier, loadIdentifier } from './language.ts';
