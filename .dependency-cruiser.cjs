// The import column of the room table in docs/architecture/README.md.
const room = (name) => `^packages/${name}/src`;
const test = '(\\.test\\.ts$|/testing/)';

/** What a package may import: rooms and npm packages; everything else is refused. */
const allow = (name, rooms, packages) => ({
  name: `${name}-imports`,
  severity: 'error',
  from: { path: room(name), pathNot: test },
  to: {
    pathNot: [room(name), ...rooms.map(room), ...packages.map((one) => `node_modules/(${one})/`)],
    dependencyTypesNot: ['core', 'type-only'],
  },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    allow('contracts', [], ['zod']),
    allow('llama', ['contracts'], ['koffi', '@huggingface/jinja']),
    allow(
      'factory',
      ['contracts', 'llama'],
      ['zod', 'yaml', 'ajv', 'pyodide', 'eld', 'hyparquet', 'hyparquet-compressors'],
    ),
    allow('runtime', ['contracts', 'llama'], ['hono', '@hono/node-server', 'zod']),
    allow('cli', ['contracts', 'factory', 'runtime', 'llama'], []),
    {
      name: 'stages-stand-alone',
      comment: 'A stage reads and writes through its context; only option schemas are shared.',
      severity: 'error',
      from: { path: '^packages/factory/src/stages/([^/]+)/', pathNot: test },
      to: { path: '^packages/factory/src/stages/', pathNot: '^packages/factory/src/stages/($1/|[^/]+/options\\.ts)' },
    },
    {
      name: 'stages-look-inwards',
      severity: 'error',
      from: { path: '^packages/factory/src/stages/', pathNot: test },
      to: { path: '^packages/factory/src/(pipeline|recipe|engine)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'recipe-knows-options-alone',
      severity: 'error',
      from: { path: '^packages/factory/src/recipe/', pathNot: test },
      to: {
        path: '^packages/factory/src/',
        pathNot: '^packages/factory/src/(recipe/|(stages/[^/]+|teachers)/options\\.ts)',
      },
    },
    {
      name: 'pure-rooms',
      severity: 'error',
      from: { path: '^packages/factory/src/(random|statistics|text|waiting)/', pathNot: test },
      to: { path: '^packages/factory/src/', pathNot: '^packages/factory/src/(random|statistics|text|waiting)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
