/** The direction of imports (see docs/architecture.md). A room may import itself, src/errors.ts, and what stands here. */
const ROOMS = {
  numeric: [],
  interactions: ['numeric'],
  tensor: ['numeric'],
  models: ['numeric', 'interactions', 'tensor'],
  evaluation: ['numeric', 'interactions', 'models'],
  lab: ['numeric', 'interactions', 'models', 'evaluation', 'tensor'],
  reporting: ['models', 'evaluation'],
  datasets: ['database', 'catalog'],
  paper: ['numeric', 'interactions', 'models', 'evaluation', 'tensor', 'lab', 'reporting', 'datasets'],
  database: [],
  terminal: ['models', 'lab', 'paper'],
  request: [],
  access: ['database', 'catalog', 'request'],
  catalog: ['database', 'request'],
  experiments: [
    'numeric',
    'interactions',
    'models',
    'evaluation',
    'lab',
    'reporting',
    'database',
    'catalog',
    'tensor',
    'request',
  ],
  serving: ['numeric', 'interactions', 'models', 'catalog', 'database', 'request'],
  recommendations: ['numeric', 'interactions', 'models', 'catalog', 'database', 'serving', 'request'],
  traffic: ['database', 'catalog', 'experiments', 'serving', 'request'],
  exports: ['database', 'datasets/fields', 'experiments', 'serving', 'models'],
  graphql: ['request', 'access', 'database', 'catalog', 'experiments', 'recommendations', 'traffic'],
  http: ['request', 'access', 'exports', 'graphql', 'database'],
};
const PURE = ['numeric', 'interactions', 'tensor', 'models', 'evaluation', 'reporting'];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'shipped-code-imports-no-test',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: ['^test/', '\\.test\\.ts$'] },
    },
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `${room}-imports`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/errors\\.ts$',
          '^src/config\\.ts$',
          '^src/threads\\.ts$',
          ...[room, ...allowed].map((name) => `^src/${name}(/|\\.ts$)`),
        ],
      },
    })),
    {
      name: 'tensorflow-only-in-tensor-and-models',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(tensor|models)/' },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'pure-rooms-touch-no-world',
      severity: 'error',
      from: {
        path: `^src/(${PURE.join('|')})/`,
        pathNot: ['\\.test\\.ts$', '^src/tensor/engine', '^src/numeric/kernel'],
      },
      to: { path: ['^fs', '^http', '^net', '^child_process', 'node_modules/(pg|typeorm|fastify)/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '^(dist|web)/' },
  },
};
