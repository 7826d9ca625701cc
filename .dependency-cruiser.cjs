/** The direction of imports, from the list in rooms.cjs. */
const { PURE, ROOMS, SHARED } = require('./rooms.cjs');

const pathOf = (place) => `^src/${place}(/|\\.ts$)`;

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shipped-code-imports-no-test',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: ['^test/', '\\.test\\.ts$'] },
    },
    ...Object.entries(ROOMS).map(([room, { imports }]) => ({
      name: `${room}-imports`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: [...SHARED, room, ...imports].map(pathOf) },
    })),
    {
      name: 'nobody-imports-the-commands',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
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
