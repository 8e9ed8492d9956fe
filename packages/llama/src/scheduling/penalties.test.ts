import { describe, expect, it } from 'vitest';
import { Penalties } from './penalties.ts';

function penalised(penalties: Penalties, logits: readonly number[]): number[] {
  const changed = Float32Array.from(logits);
  penalties.apply(changed);
  return [...changed];
}

describe('Penalties', () => {
  it('change nothing by default', () => {
    const penalties = new Penalties({}, [0, 1]);
    penalties.add(1);
    expect(penalised(penalties, [1, 2, 3])).toEqual([1, 2, 3]);
  });

  it('of frequency grow with the count, of presence do not, and neither counts the prompt', () => {
    const penalties = new Penalties({ frequencyPenalty: 0.5, presencePenalty: 1 }, [0]);
    penalties.add(1);
    penalties.add(2);
    penalties.add(2);
    expect(penalised(penalties, [4, 4, 4])).toEqual([4, 2.5, 2]);
  });

  it('of repetition divide positive and multiply negative logits, of the prompt too, once a token', () => {
    const penalties = new Penalties({ repetitionPenalty: 2 }, [0, 0]);
    penalties.add(1);
    penalties.add(1);
    expect(penalised(penalties, [4, -4, 4])).toEqual([2, -8, 4]);
  });

  it('leave room for biases of single tokens', () => {
    const logitBias = [[2, -100]] as const;
    expect(penalised(new Penalties({ logitBias }, []), [1, 1, 1])).toEqual([1, 1, -99]);
  });
});
