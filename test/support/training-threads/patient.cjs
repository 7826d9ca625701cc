/** A training thread that works until it is cancelled, and then stops by itself. */
const { parentPort: port } = require('node:worker_threads');
port?.on('message', (message) => {
  if (message.type === 'start') return;
  if (message.type === 'data') {
    port?.postMessage({ type: 'progress', stage: 'TRAINING', fraction: 0.25 });
    port?.postMessage({
      type: 'epoch',
      stage: 'TRAINING',
      record: { epoch: 1, epochs: 9, loss: 0.5, seconds: 0.1 },
    });
    return;
  }
  port?.postMessage({ type: 'cancelled' });
  port?.close();
});
