/** The rooms of src/: what each is for and which it may import. `.dependency-cruiser.cjs` makes the
 *  import rules of this list, docs/architecture.md shows it (a test compares), and
 *  `scripts/rooms.mjs` refuses an allowance that nobody uses.
 *
 *  A room imports only rooms above it, so that no arrow runs back up. Every room may import the
 *  files of src/ named in SHARED; a folder, such as `datasets/fields`, allows only that. */
exports.SHARED = ['errors', 'config', 'threads'];

/** @type {Record<string, { purpose: string, imports: string[] }>} */
exports.ROOMS = {
  numeric: {
    purpose:
      'distance scan, loops over packed histories (both in WebAssembly with a plain twin), top-k, bitset, seeded random. Pure',
    imports: [],
  },
  interactions: {
    purpose: 'the catalog as columns: interaction log, features, splits, negatives, the data hash. Pure',
    imports: ['numeric'],
  },
  tensor: {
    purpose:
      'the TensorFlow.js engine: choosing the back end, the kernels it lacks, losses with their own gradients',
    imports: ['numeric'],
  },
  models: {
    purpose:
      'every system: the contract, the registry, artifacts, and a folder or file for each system; a stored model answers without TensorFlow',
    imports: ['numeric', 'interactions', 'tensor'],
  },
  evaluation: {
    purpose: 'protocols, metrics, bootstrap, paired tests',
    imports: ['numeric', 'interactions', 'models'],
  },
  lab: {
    purpose:
      'trains a system and measures it, movies and tags alike, in this thread, a worker thread or a process',
    imports: ['interactions', 'tensor', 'models', 'evaluation'],
  },
  reporting: {
    purpose:
      'results as tables (Markdown, LaTeX, CSV) and as a bar chart (SVG, PNG), the paper’s printed figures. Pure',
    imports: ['models', 'evaluation'],
  },
  database: {
    purpose: 'PostgreSQL: embedded (PGlite in a thread) or a server; migrations; bulk loading',
    imports: [],
  },
  request: {
    purpose: 'what a request carries: its context, access rules, parameters, connections',
    imports: [],
  },
  catalog: {
    purpose: 'user, movie, tag, rating, tagging: entity = GraphQL type, its resolver beside it',
    imports: ['database', 'request'],
  },
  access: {
    purpose: 'who is calling: keys, tokens, their resolver',
    imports: ['database', 'request'],
  },
  datasets: {
    purpose: 'the published releases: download, read, seed',
    imports: ['database', 'catalog'],
  },
  paper: {
    purpose: '`nearfield paper`: data from files, one process a training, resumable parts',
    imports: ['numeric', 'interactions', 'tensor', 'models', 'evaluation', 'reporting', 'datasets'],
  },
  terminal: {
    purpose: 'progress bars and reports for the person at the terminal',
    imports: ['models', 'paper'],
  },
  experiments: {
    purpose:
      'trainModel, the queue, records, the model store and its guard; searches, comparisons, reports, retraining',
    imports: [
      'numeric',
      'interactions',
      'tensor',
      'models',
      'evaluation',
      'lab',
      'reporting',
      'database',
      'request',
    ],
  },
  serving: {
    purpose: 'the recommender in memory: states of the catalog, the models that answer, the ranker',
    imports: ['numeric', 'interactions', 'models', 'database', 'catalog'],
  },
  recommendations: {
    purpose: 'the queries that clients came for',
    imports: ['request', 'catalog', 'serving'],
  },
  traffic: {
    purpose: 'traffic splits: who gets which model, what was shown, what came of it',
    imports: ['database', 'request', 'experiments', 'serving'],
  },
  exports: {
    purpose: 'the catalog as a release, experiments as CSV, a model’s points as .npz',
    imports: ['models', 'database', 'datasets/fields', 'experiments', 'serving'],
  },
  graphql: {
    purpose: 'the schema, limits and cost of operations, error format',
    imports: ['request', 'database'],
  },
  http: {
    purpose: 'the server: routes, who may connect, subscriptions over WebSocket',
    imports: ['request', 'access', 'exports', 'graphql'],
  },
};

/** Rooms that never see the database, the file system or HTTP: data in, model out. */
exports.PURE = ['numeric', 'interactions', 'tensor', 'models', 'evaluation', 'reporting'];

/** Rooms and folders that load no decorator (type-graphql, typeorm, class-validator), not even
 *  through what they import; a dynamic import may. */
exports.WITHOUT_DECORATORS = [
  ...exports.PURE,
  'lab',
  'paper',
  'terminal',
  'datasets',
  'serving',
  'cli/main',
  'cli/paper',
  'cli/serve',
];
