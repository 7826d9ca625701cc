/** A training thread that fills its heap. */
const { parentPort: port } = require('node:worker_threads');
port?.on('message', () => {
  const kept = [];
  for (;;) kept.push(new Array(100_000).fill(0).map((_, i) => ({ i })));
});
