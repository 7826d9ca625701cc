/** A training thread that calls process.exit. */
const { parentPort } = require('node:worker_threads');
parentPort.on('message', () => process.exit(7));
