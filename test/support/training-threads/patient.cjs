/** A training thread that works until it is cancelled, and then stops by itself. */
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => {
  if (message.type === 'data') {
    parentPort.postMessage({ type: 'progress', stage: 'TRAINING', fraction: 0.25 });
    parentPort.postMessage({ type: 'epoch', record: { epoch: 1, epochs: 9, loss: 0.5, seconds: 0.1 } });
    return;
  }
  parentPort.postMessage({ type: 'cancelled' });
  parentPort.close();
});
