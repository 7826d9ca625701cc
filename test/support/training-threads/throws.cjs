/** A training thread that crashes in the middle. */
const { parentPort: port } = require('node:worker_threads');
port?.on('message', ({ type }) => {
  if (type === 'start') return; // the data come after it
  port?.postMessage({
    type: 'epoch',
    stage: 'TRAINING',
    record: { epoch: 1, epochs: 9, loss: 0.5, seconds: 0.1 },
  });
  setTimeout(() => {
    throw new Error('a screw came loose');
  }, 50);
});
