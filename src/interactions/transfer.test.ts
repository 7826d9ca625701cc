import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { dataOf } from '../../test/fixtures/training-data';
import { datasetHash } from './dataset-hash';
import type { TrainingData } from './interaction-log';
import { type PackedTrainingData, packTrainingData, unpackTrainingData } from './transfer';

const make = (): TrainingData => ({
  ...dataOf([[4, 2, 7, 1], [3], [5, 6, 0]], 9, [{ user: 1, item: 4, tag: 50 }]),
  demographics: [
    { gender: 'F', age: 25, occupation: 'artist' },
    { gender: null, age: null, occupation: null },
    { gender: 'M', age: 18, occupation: null },
  ],
});

/** To another thread's side and back to an object, as postMessage does it. */
function send(packed: PackedTrainingData, transfer: ArrayBuffer[] = []): PackedTrainingData {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(packed, transfer);
  const received = receiveMessageOnPort(port2) as { message: PackedTrainingData };
  port1.close();
  return received.message;
}

describe('packTrainingData', () => {
  it('arrives whole on the other side, copied', () => {
    const data = make();
    const arrived = unpackTrainingData(send(packTrainingData(data).packed));
    expect(arrived.interactions.items.indexOf(7)).toBe(7);
    expect(datasetHash(arrived)).toBe(datasetHash(data));
    expect(arrived.taggings.timestamp).toEqual(Float64Array.of(0));
    expect(data.interactions.itemIndex).toHaveLength(8);
  });

  it('arrives whole when transferred, which empties the sender', () => {
    const data = make();
    const before = datasetHash(data);
    const { packed, transfer } = packTrainingData(data);
    expect(datasetHash(unpackTrainingData(send(packed, transfer)))).toBe(before);
    expect(data.interactions.itemIndex).toHaveLength(0);
  });

  it('lists each buffer once, and none that is shared between threads', () => {
    const data = make();
    const { interactions } = data;
    const shared = new Float32Array(new SharedArrayBuffer(4 * interactions.value.length));
    const both = new Int32Array(interactions.offsets.length + interactions.itemIndex.length);
    both.set(interactions.offsets);
    both.set(interactions.itemIndex, interactions.offsets.length);
    const views: TrainingData = {
      ...data,
      interactions: {
        ...interactions,
        offsets: both.subarray(0, interactions.offsets.length),
        itemIndex: both.subarray(interactions.offsets.length),
        value: shared,
      },
    };
    const { transfer } = packTrainingData(views);
    expect(new Set(transfer).size).toBe(transfer.length);
    expect(transfer).toContain(both.buffer);
    expect(transfer).not.toContain(shared.buffer);
    expect(() => send(packTrainingData(views).packed, transfer)).not.toThrow();
  });
});
