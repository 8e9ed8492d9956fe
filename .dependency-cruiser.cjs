// The import column of the table in docs/architecture/README.md, row by row.
const src = (room) => `^packages/${room.includes('/') ? room.replace('/', '/src/') : `${room}/src`}/`;
const test = '(\\.test\\.ts$|/testing/)';
const outside = (npm) => npm.map((name) => `node_modules/(${name})/`);

/** What a room may import besides itself; everything else is refused. A room inside a package is `package/folder`. */
const ROOMS = {
  contracts: { npm: ['zod'] },
  pure: {},
  llama: { rooms: ['contracts', 'pure'], npm: ['koffi', '@huggingface/jinja'] },
  'llama/gguf': { rooms: ['contracts', 'pure'] },
  'llama/binding': {
    rooms: ['contracts', 'pure', 'llama/gguf'],
    files: ['^packages/llama/src/types/'],
    npm: ['koffi'],
  },
  'llama/scheduling': { rooms: ['contracts', 'llama/binding'], files: ['^packages/llama/src/(types/|errors\\.ts$)'] },
  'llama/chat': { rooms: ['contracts'], files: ['^packages/llama/src/types/'], npm: ['@huggingface/jinja'] },
  data: {
    rooms: ['contracts', 'pure'],
    npm: ['zod', 'eld', 'html-to-text', 'hyparquet', 'hyparquet-compressors', 'hyparquet-writer', 'undici', 'unpdf'],
  },
  teachers: { rooms: ['contracts', 'pure'], npm: ['zod', 'ajv', 'pyodide'] },
  evals: { rooms: ['contracts', 'pure', 'teachers', 'llama'], npm: ['zod', 'eld'] },
  'factory/recipe': {
    rooms: ['contracts', 'pure', 'data/import', 'teachers'],
    files: ['^packages/factory/src/stages/[^/]+/[^/]+/options\\.ts$'],
    npm: ['zod', 'yaml'],
  },
  'factory/artifacts': { rooms: ['contracts', 'pure', 'data/formats'], npm: ['zod'] },
  'factory/engine': { rooms: ['contracts', 'pure'], npm: ['zod'] },
  'factory/stages': {
    rooms: ['contracts', 'pure', 'llama', 'data', 'teachers', 'runtime/bundle', 'factory/artifacts'],
    npm: ['zod', 'yaml'],
  },
  'factory/pipeline': {
    rooms: ['contracts', 'pure', 'llama', 'data', 'teachers', 'runtime/bundle', 'factory'],
    npm: ['zod'],
  },
  'factory/report': {
    rooms: ['contracts', 'pure', 'data', 'teachers', 'factory/artifacts', 'factory/pipeline', 'factory/recipe'],
    npm: ['zod'],
  },
  runtime: {
    rooms: ['contracts', 'pure', 'llama', 'teachers'],
    npm: ['hono', '@hono/node-server', 'zod', 'prom-client', 'undici', '@opentelemetry/[^/]+'],
  },
  cli: { rooms: ['contracts', 'pure', 'llama', 'data', 'factory', 'runtime', 'teachers', 'evals'] },
};

const allow = ([name, { rooms = [], files = [], npm = [] }]) => ({
  name: `${name.replace('/', '-')}-imports`,
  severity: 'error',
  from: { path: src(name), pathNot: test },
  to: {
    pathNot: ['^node:', src(name), ...rooms.map(src), ...files, ...outside(npm)],
    dependencyTypesNot: ['core'],
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
    ...Object.entries(ROOMS).map(allow),
    {
      name: 'stages-stand-alone',
      comment: 'A stage reads and writes through its context and never imports another stage.',
      severity: 'error',
      from: { path: '^packages/factory/src/stages/([^/]+/[^/]+)/', pathNot: test },
      to: { path: '^packages/factory/src/stages/[^/]+/', pathNot: '^packages/factory/src/stages/$1/' },
    },
    {
      name: 'owned-children',
      comment: 'A process is started by @cogumi/pure/process, so that it ends with the process that started it.',
      severity: 'error',
      from: { path: '^packages/', pathNot: [test, '^packages/pure/src/process/', '^packages/cli/src/testing/'] },
      to: { path: '^(node:)?child_process$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'packages-by-name',
      comment: 'Another package is imported by its name, so that its index says what is public.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
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
