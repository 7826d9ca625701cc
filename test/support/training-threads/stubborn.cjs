/** A training thread that hears nothing: it computes for ever. */
const { parentPort } = require('node:worker_threads');
parentPort.on('message', () => {
  parentPort.postMessage({ type: 'progress', stage: 'TRAINING', fraction: 0.5 });
  for (;;) Math.random();
});
