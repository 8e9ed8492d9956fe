export { TrainOptions } from '@cogumi/contracts';
