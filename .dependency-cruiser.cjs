/** The direction of imports (see docs/architecture.md). A room may import itself, src/errors.ts, and what stands here. */
const ROOMS = {
  numeric: [],
  interactions: ['numeric'],
  space: ['numeric', 'interactions'],
  tensor: ['numeric'],
  algorithms: ['numeric', 'interactions', 'space', 'tensor'],
  evaluation: ['numeric', 'interactions', 'space', 'algorithms'],
  reporting: ['algorithms/algorithm', 'evaluation'],
  paper: ['numeric', 'interactions', 'space', 'algorithms', 'evaluation', 'tensor', 'reporting', 'movielens'],
  database: [],
  access: ['database', 'catalog', 'graphql/context'],
  catalog: ['database', 'access/rules', 'graphql/context'],
  movielens: ['database', 'catalog'],
  experiments: [
    'numeric',
    'interactions',
    'space',
    'algorithms',
    'evaluation',
    'reporting',
    'database',
    'catalog',
    'tensor',
    'access/rules',
    'graphql/context',
  ],
  embedding: ['numeric', 'interactions', 'space', 'catalog', 'database'],
  recommendations: ['numeric', 'interactions', 'space', 'catalog', 'database', 'embedding', 'access/rules', 'graphql/context'],
  traffic: ['database', 'catalog', 'experiments', 'embedding', 'access/rules', 'graphql/context'],
  exports: ['database', 'movielens/title', 'experiments', 'embedding', 'space'],
  graphql: [
    'access',
    'catalog',
    'database',
    'embedding',
    'recommendations',
    'experiments',
    'traffic',
    'exports',
    'numeric',
    'interactions',
    'space',
  ],
};
const PURE = ['numeric', 'interactions', 'space', 'tensor', 'algorithms', 'evaluation', 'reporting'];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
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
      name: 'tensorflow-only-in-tensor-and-algorithms',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(tensor|algorithms)/' },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'pure-rooms-touch-no-world',
      severity: 'error',
      from: { path: `^src/(${PURE.join('|')})/`, pathNot: ['\\.test\\.ts$', '^src/tensor/engine', '^src/numeric/load-kernel'] },
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
