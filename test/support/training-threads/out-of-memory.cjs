/** A training thread that fills its heap. */
const { parentPort: port } = require('node:worker_threads');
port?.on('message', ({ type }) => {
  if (type === 'start') return; // the data come after it
  const kept = [];
  for (;;) kept.push(new Array(100_000).fill(0).map((_, i) => ({ i })));
});
