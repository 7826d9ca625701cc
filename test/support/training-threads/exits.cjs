/** A training thread that calls process.exit. */
const { parentPort: port } = require('node:worker_threads');
port?.on('message', ({ type }) => type === 'data' && process.exit(7));
