/** A training thread that hears nothing: it computes for ever. */
const { parentPort: port } = require('node:worker_threads');
port?.on('message', ({ type }) => {
  if (type === 'start') return; // the data come after it
  port?.postMessage({ type: 'progress', stage: 'TRAINING', fraction: 0.5 });
  for (;;) Math.random();
});
