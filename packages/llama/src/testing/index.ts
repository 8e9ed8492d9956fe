export { stories260k } from './stories260k.ts';
