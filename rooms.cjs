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
      'distance scan and loops over packed histories (in WebAssembly, with a plain twin of each), top-k, bitsets, the seeded random generator. Pure',
    imports: [],
  },
  interactions: {
    purpose:
      'the catalogue as columns: interaction log, features, splits, negative sampling, the data hash. Pure',
    imports: ['numeric'],
  },
  tensor: {
    purpose:
      'the TensorFlow.js engine: choice of back end, kernels that it lacks, losses with their own gradients',
    imports: ['numeric'],
  },
  models: {
    purpose:
      'the contract of a recommender system, the list of all systems, and one file or folder for each. A trained space is read and used without TensorFlow',
    imports: ['numeric', 'interactions', 'tensor'],
  },
  evaluation: {
    purpose: 'protocols, metrics, confidence intervals, paired tests, robustness',
    imports: ['numeric', 'interactions', 'models'],
  },
  lab: {
    purpose:
      'trains a system and measures it, for movies and for tags, in the same thread, a worker thread or a process',
    imports: ['interactions', 'tensor', 'models', 'evaluation'],
  },
  reporting: {
    purpose:
      'results as tables (Markdown, LaTeX, CSV) and as a bar chart (SVG, PNG); the figures printed in the paper. Pure',
    imports: ['models', 'evaluation'],
  },
  database: {
    purpose: 'PostgreSQL, embedded (PGlite in a thread) or on a server; migrations; bulk loading',
    imports: [],
  },
  request: {
    purpose: 'what a request carries: the caller, access rules, page parameters, data loaders',
    imports: [],
  },
  catalog: {
    purpose:
      'users, movies, tags, ratings and taggings: an entity is a GraphQL type, and its resolver is next to it',
    imports: ['database', 'request'],
  },
  access: {
    purpose: 'who is calling and what they may do: API keys and tokens',
    imports: ['database', 'request'],
  },
  datasets: {
    purpose: 'MovieLens releases: download, parsing, loading into the database',
    imports: ['database', 'catalog'],
  },
  paper: {
    purpose:
      '`nearfield paper`: reads data from files, trains each system in a process of its own, and can be resumed',
    imports: ['numeric', 'interactions', 'tensor', 'models', 'evaluation', 'lab', 'reporting', 'datasets'],
  },
  terminal: {
    purpose: 'progress bars and reports on the terminal',
    imports: ['models', 'lab', 'paper'],
  },
  experiments: {
    purpose:
      'the training queue, training in its own thread, stored results, the model store, publication, search, comparison, reports, retraining',
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
    purpose: 'the models in memory, the histories of users, and the answers computed from them',
    imports: ['numeric', 'interactions', 'models', 'database', 'catalog'],
  },
  recommendations: {
    purpose: 'the resolvers of the recommendation queries',
    imports: ['request', 'catalog', 'serving'],
  },
  traffic: {
    purpose: 'traffic splits: which users get which model, what they were shown, and what they did',
    imports: ['database', 'request', 'experiments', 'serving'],
  },
  exports: {
    purpose: 'the catalogue as a MovieLens release, experiments as CSV, the points of a model as `.npz`',
    imports: ['models', 'database', 'datasets/fields', 'experiments', 'serving'],
  },
  graphql: {
    purpose: 'the schema, the limits and the cost of operations, the format of errors',
    imports: ['request', 'database'],
  },
  http: {
    purpose: 'the server: routes, which hosts and origins may connect, subscriptions over WebSocket',
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
  'cli/paper',
];
