/** How long the evaluation itself takes, beyond the model's own scoring, on ML-1M: each protocol's split, test part.
 *  node bench/evaluation.bench.mjs [--folder ../shared/data/ml-1m] [--scheme LEAVE_LAST_OUT …] */
import { parseArgs } from 'node:util';
import { evaluate } from '../dist/evaluation/evaluate.js';
import { protocolsOf } from '../dist/evaluation/protocols/index.js';
import { prepareSplit } from '../dist/interactions/splits.js';
import { Random } from '../dist/numeric/random.js';
import { readDataset } from '../dist/paper/data/read-dataset.js';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/ml-1m' },
    scheme: { type: 'string', multiple: true, default: ['LEAVE_LAST_OUT', 'HOLDOUT', 'NEW_USERS', 'COLD_ITEMS'] },
  },
});
const { data } = await readDataset(values.folder);
const seconds = (from) => ((performance.now() - from) / 1000).toFixed(2);
for (const scheme of values.scheme) {
  const splitting = performance.now();
  const split = prepareSplit(data, { scheme });
  console.log(`${scheme}: split in ${seconds(splitting)} s`);
  const { size } = split.full.items;
  // Made before the clock starts, handed out by reference: scoring costs nothing. A few thousand distinct scores a user.
  const random = new Random(7);
  const table = Float32Array.from({ length: 256 * size }, () => random.uniform());
  const model = { algorithm: 'POPULARITY', itemCount: size, space: null, score: (histories) => table.subarray(0, histories.length * size) };
  for (const protocol of protocolsOf(split)) {
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
    const { rows } = await evaluate(model, split, { protocols: [protocol], splits: ['TEST'] });
    const { user, system } = process.cpuUsage(cpu);
    console.log(
      `  ${protocol}: ${rows[0].users} users × ${size} items: ${seconds(startedAt)} s, ${((user + system) / 1e6).toFixed(2)} s of CPU`,
    );
  }
}
