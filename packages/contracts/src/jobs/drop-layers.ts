import { z } from 'zod';

/**
 * Removes the decoder layers that change the hidden state least. Inputs `model`, `rows` (calibration data). Output: HF
 * folder and `influence.json`. Facts: `dropped` (layer numbers of the input model), `layers` (what is left),
 * `parameters`, `architecture`.
 */
export const DropLayersOptions = z.strictObject({
  layers: z
    .int()
    .positive()
    .describe('Decoder layers to remove: those with the least influence on the hidden state. At least one stays.'),
  calibrationRows: z.int().positive().default(64).describe('Rows of the training data on which influence is measured.'),
});
export type DropLayersOptions = z.infer<typeof DropLayersOptions>;
