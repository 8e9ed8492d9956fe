import type { ArtifactKind } from '@cogumi/contracts';
import type { Recipe } from '../../recipe/recipe.ts';
import { choose } from '../../stages/proof/choose/stage.ts';
import type { Stage, StageInputs } from '../../stages/stage.ts';
import type { Chapter } from './chapter.ts';
import type { Node } from './node.ts';

/** The result of a node, for the inputs of others. */
export interface Handle<Kind extends ArtifactKind = ArtifactKind> {
  readonly id: string;
  readonly kind: Kind;
}

type HandleOf<Kind> = Kind extends ArtifactKind ? Handle<Kind> : Handle;

/** The handles that a stage's inputs take, by name: `a?` may be left out, `a.*` is any number of `a.<name>`. */
export type InputHandles<Inputs extends StageInputs> = {
  readonly [Name in keyof Inputs as Name extends `${string}?` | `${string}.*` ? never : Name]: HandleOf<Inputs[Name]>;
} & {
  readonly [Name in keyof Inputs as Name extends `${infer Bare}?` ? Bare : never]?: HandleOf<Inputs[Name]> | undefined;
} & {
  readonly [Name in keyof Inputs as Name extends `${infer Bare}.*` ? `${Bare}.${string}` : never]: HandleOf<
    Inputs[Name]
  >;
};

/** A candidate and what proves it, against what is kept where the proof fails. */
export interface Choice<Kind extends ArtifactKind> {
  readonly candidate: Handle<Kind>;
  readonly fallback: Handle<Kind>;
  /** The candidate is taken when every gate of these passes. */
  readonly evidence: readonly Handle[];
}

/** Collects the nodes of a build in the order of the story. */
export class Graph {
  readonly recipe: Recipe;
  readonly nodes: Node[] = [];
  /** Of the nodes that are added next. */
  chapter: Chapter = 'questions';
  #candidate: string | null = null;

  constructor(recipe: Recipe) {
    this.recipe = recipe;
  }

  /**
   * Adds a stage at a place in the build.
   *
   * @param id - Unique in the build; progress, gates, evidence and overrides use it.
   * @param sources - Name to path of what is given from outside the store.
   * @returns What other nodes read its result by.
   * @throws RangeError when the id is taken.
   */
  add<Options, Inputs extends StageInputs, Output extends ArtifactKind>(
    id: string,
    stage: Stage<Options, Inputs, Output>,
    options: NoInfer<Options>,
    inputs: InputHandles<Inputs>,
    sources: Readonly<Record<string, string>> = {},
  ): Handle<Output> {
    if (this.nodes.some((node) => node.id === id)) throw new RangeError(`two nodes are called ${id}`);
    const { sample } = this.recipe;
    this.nodes.push({
      id,
      stage: stage as unknown as Stage<never>,
      options: sample === null ? options : (stage.sample?.(options, sample) ?? options),
      inputs: Object.fromEntries(
        Object.entries(inputs as Record<string, Handle | undefined>).flatMap(([name, handle]) =>
          handle ? [[name, handle.id]] : [],
        ),
      ),
      sources,
      chapter: this.chapter,
      candidate: this.#candidate,
    });
    return { id, kind: stage.output };
  }

  /**
   * Adds nodes whose failure does not stop the build: a gate that fails among them blocks the others of the group, and
   * the group's `choose` takes the fallback.
   *
   * @param name - Of the group, as the plan and the report show it.
   */
  candidate<Result>(name: string, addNodes: () => Result): Result {
    const outer = this.#candidate;
    this.#candidate = name;
    try {
      return addNodes();
    } finally {
      this.#candidate = outer;
    }
  }

  /** Adds the step that keeps the candidate when all its evidence passes, and the fallback otherwise. */
  choose<Kind extends ArtifactKind>(id: string, { candidate, fallback, evidence }: Choice<Kind>): Handle<Kind> {
    const ids = evidence.map(({ id: node }) => node);
    const accepted = this.recipe.override.filter(
      (name) => name === '*' || ids.some((node) => name.startsWith(`${node}/`)),
    );
    const proof = Object.fromEntries(evidence.map((handle) => [`evidence.${handle.id}`, handle]));
    const stage = choose(candidate.kind);
    // The compiler cannot see through the kind of a handle that is still open here.
    const inputs = { candidate, fallback, ...proof } as unknown as InputHandles<typeof stage.inputs>;
    return this.add(id, stage, { evidence: ids, accepted }, inputs);
  }

  /** Every node so far, as inputs under one name: what is shown of a build is derived from the graph. */
  all(name: string): Record<`${string}.${string}`, Handle> {
    return Object.fromEntries(this.nodes.map(({ id, stage }) => [`${name}.${id}`, { id, kind: stage.output }]));
  }
}
