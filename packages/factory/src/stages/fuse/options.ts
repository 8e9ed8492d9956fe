export { FuseOptions } from '@cogumi/contracts';
