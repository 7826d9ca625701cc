/** Times training steps and single operations on every back end in the same run.
 *  node bench/tensor.mjs
 *  The step is a tower's: 1,300 sequence positions × 64 through one hidden layer, softmax over
 *  1,024 shared negatives, Adam on the tower and on the touched embeddings. Medians in
 *  milliseconds; the machine is named in the first line.
 *  @import { Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs'
 *  @import { Tf } from '#dist/tensor/tf.js'
 *  @typedef {(queries: Tensor2D, positives: Tensor2D, negatives: Tensor2D) => Scalar} Loss */
import os from 'node:os';
import { loadEngine, quietNativeLog } from '#dist/tensor/engine.js';
import { handicaps, softmaxDistanceLoss, squaredDistances, tripletHingeLoss } from '#dist/tensor/losses.js';
import { Adam, RowTable, uniqueRows } from '#dist/tensor/row-adam.js';

const [n, m, d, catalogue] = [1300, 1024, 64, 9724];
quietNativeLog();
console.log(`${os.cpus()[0].model}, ${os.availableParallelism()} cores, Node ${process.versions.node}`);
/** @type {Record<string, Record<string, number>>} */
const table = {};
for (const backend of /** @type {const} */ (['native', 'wasm'])) {
  const engine = await loadEngine({ backend }).catch((error) => console.log(error.message));
  if (!engine) continue;
  console.log(`${backend}: ${engine.description}`);
  for (const [name, run] of Object.entries(subjects(engine.tf)))
    table[name] = { ...table[name], [backend]: median(run) };
}
console.table(table);

/** @param {Tf} tf @returns {Record<string, () => void>} what is timed, by name; each leaves no
 *    tensor behind */
function subjects(tf) {
  /** @param {number} rows @param {number} columns @returns {Tensor2D} */
  const random = (rows, columns) => tf.keep(tf.randomNormal([rows, columns], 0, 0.3, 'float32', 1));
  const [q, p, x] = [random(n, d), random(n, d), random(m, d)];
  const mask = /** @type {Tensor2D} */ (tf.keep(tf.zeros([n, m])));
  const [inner, outer] = [tf.variable(random(d, d)), tf.variable(random(d, d))];
  const every = Int32Array.from({ length: d }, (_, row) => row);
  const layers = [inner, outer].map((layer) => new RowTable(Float32Array.from(layer.dataSync()), d));
  /** @type {Loss} */
  const fused = (a, b, c) =>
    softmaxDistanceLoss({ queries: a, positives: b, negatives: c, handicaps: handicaps(mask) });
  /** @type {Loss} */
  const naive = (a, b, c) => {
    /** @param {Tensor2D} y @param {Tensor2D} z */
    const distance = (y, z) =>
      tf.add(
        tf.sub(tf.sum(tf.square(y), 1, true), tf.mul(tf.matMul(y, z, false, true), 2)),
        tf.reshape(tf.sum(tf.square(z), 1), [1, -1]),
      );
    const positive = tf.neg(tf.sum(tf.square(tf.sub(a, b)), 1, true));
    const negative = tf.sub(tf.neg(tf.maximum(distance(a, c), 0)), tf.mul(mask, 1e9));
    return tf.mean(tf.sub(tf.logSumExp(tf.concat([positive, negative], 1), 1), tf.squeeze(positive, [1])));
  };
  /** @param {Tensor2D} y @param {Tensor[]} weights @returns {Tensor2D} */
  const tower = (y, [a, b]) => tf.add(y, tf.matMul(tf.relu(tf.matMul(y, a)), b));
  /** Waits for the result and returns nothing: `tf.tidy` searches what it returns for tensors, and
   *  takes 1.1 s for the 1.3 million numbers of a product.
   *  @param {() => Tensor} run */
  const timed = (run) => () => tf.tidy(() => void run().dataSync());
  /** @param {Loss} loss */
  const gradients = (loss) =>
    timed(() => tf.grads(/** @type {(...given: Tensor[]) => Tensor} */ (loss))([q, p, x])[2]);

  const movies = new RowTable(
    new Float32Array(catalogue * d).map(() => Math.random() - 0.5),
    d,
  );
  const embedding = tf.variable(tf.tensor2d(movies.values, [catalogue, d]));
  const adam = new Adam(() => 1e-3);
  const embeddingAdam = tf.train.adam(1e-3);
  const batch = Int32Array.from({ length: n + n + m }, () => Math.floor(Math.random() * catalogue));
  const { rows, positions } = uniqueRows(batch);
  /** @param {Tensor} table @param {Int32Array} indices */
  const gathered = (table, indices) =>
    /** @type {Tensor2D} */ (tf.gather(table, tf.tensor1d(indices, 'int32')));
  /** @param {Loss} loss @returns {(taken: Tensor2D, weights: Tensor[]) => Scalar} */
  const towerLoss = (loss) => (taken, weights) => {
    const [a, b, c] = /** @type {Tensor2D[]} */ (tf.split(taken, [n, n, m]));
    return loss(tower(a, weights), b, c);
  };
  /** The touched rows only: cost by the batch.
   *  @param {Loss} loss */
  const lazyStep = (loss) => () =>
    tf.tidy(() => {
      const taken = [movies.take(rows), ...layers.map((layer) => layer.take(every))];
      const slopes = /** @type {Tensor2D[]} */ (
        tf.grads((table, ...weights) => towerLoss(loss)(gathered(table, positions), weights))(taken)
      );
      adam.stepRows(movies, rows, slopes[0]);
      for (const [i, layer] of layers.entries()) adam.stepRows(layer, every, slopes[i + 1]);
      adam.advance();
    });
  /** The whole embedding as one variable: cost by the catalogue.
   *  @param {Loss} loss */
  const denseStep =
    (loss, denseAdam = tf.train.adam(1e-3)) =>
    () =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(
          () => towerLoss(loss)(gathered(embedding, batch), [inner, outer]),
          [embedding, inner, outer],
        );
        denseAdam.applyGradients(/** @type {Record<string, Variable>} */ (grads));
        value.dataSync();
      });
  const slope = random(rows.length, d);
  const gradient = /** @type {Variable} */ (random(catalogue, d));
  const whole = { [embedding.name]: gradient };

  return {
    'product 1300×64×1024': timed(() => tf.matMul(q, tf.transpose(x))),
    'product, transposeB': timed(() => tf.matMul(q, x, false, true)),
    'gather 3624 of 9724×64': timed(() => gathered(embedding, batch)),
    'squaredDistances + gradient': gradients((a, b, c) => tf.sum(squaredDistances(a, c)).add(tf.sum(b))),
    'softmax loss + gradient, fused': gradients(fused),
    'softmax loss + gradient, naive': gradients(naive),
    'triplet hinge + gradient': gradients((queries, positives, negatives) =>
      tripletHingeLoss({ queries, positives, negatives, margin: 1, mask }),
    ),
    'triplet hinge, 20 hardest': gradients((queries, positives, negatives) =>
      tripletHingeLoss({ queries, positives, negatives, margin: 1, mask, hardest: 20 }),
    ),
    'Adam, 3,000 rows': () => adam.stepRows(movies, rows, slope),
    'tf.train.adam, dense 9724×64': () => {
      embeddingAdam.applyGradients(whole);
      embedding.dataSync();
    },
    'tower step, fused, rows': lazyStep(fused),
    'tower step, fused, dense': denseStep(fused),
    'tower step, naive, dense': denseStep(naive),
  };
}

/** @param {() => void} run @returns median of 15 runs after 3, in ms */
function median(run) {
  const times = Array.from({ length: 18 }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  return Number(
    times
      .slice(3)
      .sort((a, b) => a - b)[7]
      .toFixed(2),
  );
}
