import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRecipe } from '../../recipe/load-recipe.ts';
import type { Node } from './node.ts';
import { nodesUntil } from './nodes-until.ts';
import { refuseStrayOverrides } from './refuse-stray-overrides.ts';
import { stagesOf } from './stages.ts';

let nodes: readonly Node[];
beforeAll(async () => {
  nodes = stagesOf(await loadRecipe(join(import.meta.dirname, '../../../../../recipes/seedling-nano.yaml')));
});
const ids = (some: readonly Node[]) => some.map(({ id }) => id);

describe('nodesUntil', () => {
  it('keeps a node and all that it reads from, in the order of the graph', () => {
    expect(ids(nodesUntil(nodes, 'dedup'))).toEqual(['import', 'curate', 'dedup']);
    expect(ids(nodesUntil(nodes, 'merge'))).toEqual(
      ids(nodes).filter((id) =>
        ['questions', 'base', 'import', 'curate', 'dedup', 'filter', 'synthesize', 'mix', 'train', 'merge'].includes(
          id,
        ),
      ),
    );
  });

  it('keeps every node when none is named', () => {
    expect(nodesUntil(nodes, undefined)).toEqual(nodes);
  });

  it('refuses a name that no node has, with the nearest one and all others', () => {
    expect(() => nodesUntil(nodes, 'dedupe')).toThrow(
      expect.objectContaining({
        code: 'STAGE_UNKNOWN',
        message: expect.stringContaining('"dedup"'),
        hint: expect.stringContaining('code.train'),
        exitCode: 3,
      }),
    );
  });
});

describe('refuseStrayOverrides', () => {
  it('takes gates of nodes of this build, and the star for all', () => {
    const gates = ['merge/adapter-alive', 'code.evaluate/against-coding', 'filter/no-pii', 'dedup/loss-rows.jsonl'];
    refuseStrayOverrides(['*', ...gates], nodes);
  });

  it.each([
    ['a node of no such name, with the nearest', 'merg/adapter-alive', '"merge/adapter-alive"'],
    ['a node without a gate', 'merge', 'a gate is missing after its stage'],
    ['a gate that the node does not have, with the nearest', 'merge/adapter-aliv', '"merge/adapter-alive"'],
    ['a gate of another goal', 'code.evaluate/against-math', 'has no gate "against-math"'],
    ['a gate of another stage', 'merge/same-answer', 'has no gate "same-answer"'],
    ['a star for the gates of one node', 'merge/*', 'has no gate "*"'],
    ['a gate of a node that has none', 'import/same-answer', 'has no gate'],
    ['a gate whose check is off', 'filter/no-contamination', 'has no gate'],
    ['a node of another recipe', 'poetry.evaluate/against-coding', 'names no gate'],
  ])('refuses %s', (_, override, message) => {
    expect(() => refuseStrayOverrides([override], nodes)).toThrow(
      expect.objectContaining({ code: 'OVERRIDE_UNKNOWN', message: expect.stringContaining(message), exitCode: 3 }),
    );
  });
});
