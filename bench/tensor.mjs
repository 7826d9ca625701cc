/** Times training steps and single operations on every back end in the same run: `npm run build &&
 *  node bench/tensor.mjs`.
 *
 *  The step is a tower's: 1,300 sequence positions × 64 through one hidden layer, softmax over
 *  1,024 shared negatives, Adam on the tower and on the touched embeddings. Medians in
 *  milliseconds; the machine is named in the first line. */
import { createRequire } from 'node:module';
import os from 'node:os';

const require = createRequire(import.meta.url);
const { loadEngine, quietNativeLog } = require('#dist/tensor/engine.js');
const {
  handicaps,
  softmaxDistanceLoss,
  squaredDistances,
  tripletHingeLoss,
} = require('#dist/tensor/losses.js');
const { Adam, RowTable, uniqueRows } = require('#dist/tensor/row-adam.js');

const [n, m, d, catalogue] = [1300, 1024, 64, 9724];
quietNativeLog();
console.log(`${os.cpus()[0].model}, ${os.availableParallelism()} cores, Node ${process.versions.node}`);
const table = {};
let tf;
for (const backend of /** @type {const} */ (['native', 'wasm'])) {
  const engine = await loadEngine({ backend }).catch((error) => console.log(error.message));
  if (!engine) continue;
  tf = engine.tf;
  console.log(`${backend}: ${engine.description}`);
  for (const [name, run] of Object.entries(subjects()))
    table[name] = { ...table[name], [backend]: median(run) };
}
console.table(table);

/** @returns what is timed, by name; each leaves no tensor behind */
function subjects() {
  const random = (...shape) => tf.keep(tf.randomNormal(shape, 0, 0.3, 'float32', 1));
  const [q, p, x, mask] = [random(n, d), random(n, d), random(m, d), tf.keep(tf.zeros([n, m]))];
  const [inner, outer] = [tf.variable(random(d, d)), tf.variable(random(d, d))];
  const every = Int32Array.from({ length: d }, (_, row) => row);
  const layers = [inner, outer].map((layer) => new RowTable(layer.dataSync().slice(), d));
  const fused = (a, b, c) =>
    softmaxDistanceLoss({ queries: a, positives: b, negatives: c, handicaps: handicaps(mask) });
  const naive = (a, b, c) => {
    const distance = (y, z) =>
      tf.add(
        tf.sub(tf.sum(tf.square(y), 1, true), tf.mul(tf.matMul(y, z, false, true), 2)),
        tf.reshape(tf.sum(tf.square(z), 1), [1, -1]),
      );
    const positive = tf.neg(tf.sum(tf.square(tf.sub(a, b)), 1, true));
    const negative = tf.sub(tf.neg(tf.maximum(distance(a, c), 0)), tf.mul(mask, 1e9));
    return tf.mean(tf.sub(tf.logSumExp(tf.concat([positive, negative], 1), 1), tf.squeeze(positive, [1])));
  };
  const tower = (y, [a, b]) => tf.add(y, tf.matMul(tf.relu(tf.matMul(y, a)), b));
  const gradients = (loss) => timed(() => tf.grads(loss)([q, p, x])[2]);

  const movies = new RowTable(
    new Float32Array(catalogue * d).map(() => Math.random() - 0.5),
    d,
  );
  const embedding = tf.variable(tf.tensor2d(movies.values, [catalogue, d]));
  const adam = new Adam(() => 1e-3);
  const embeddingAdam = tf.train.adam(1e-3);
  const batch = Int32Array.from({ length: n + n + m }, () => Math.floor(Math.random() * catalogue));
  const { rows, positions } = uniqueRows(batch);
  const towerLoss = (loss) => (taken, weights) => {
    const [a, b, c] = tf.split(taken, [n, n, m]);
    return loss(tower(a, weights), b, c);
  };
  /** The touched rows only: cost by the batch */
  const lazyStep = (loss) => () =>
    tf.tidy(() => {
      const taken = [movies.take(rows), ...layers.map((layer) => layer.take(every))];
      const slopes = tf.grads((table, ...weights) =>
        towerLoss(loss)(tf.gather(table, tf.tensor1d(positions, 'int32')), weights),
      )(taken);
      adam.stepRows(movies, rows, slopes[0]);
      for (const [i, layer] of layers.entries()) adam.stepRows(layer, every, slopes[i + 1]);
      adam.advance();
    });
  /** The whole embedding as one variable: cost by the catalogue */
  const denseStep =
    (loss, denseAdam = tf.train.adam(1e-3)) =>
    () =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(
          () => towerLoss(loss)(tf.gather(embedding, tf.tensor1d(batch, 'int32')), [inner, outer]),
          [embedding, inner, outer],
        );
        denseAdam.applyGradients(grads);
        value.dataSync();
      });
  const slope = random(rows.length, d);
  const whole = { [embedding.name]: random(catalogue, d) };

  return {
    'product 1300×64×1024': timed(() => tf.matMul(q, tf.transpose(x))),
    'product, transposeB': timed(() => tf.matMul(q, x, false, true)),
    'gather 3624 of 9724×64': timed(() => tf.gather(embedding, tf.tensor1d(batch, 'int32'))),
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

/** Waits for the result and returns nothing: `tf.tidy` searches what it returns for tensors, and
 *  takes 1.1 s for the 1.3 million numbers of a product. */
function timed(run) {
  return () => tf.tidy(() => void run().dataSync());
}

/** @returns median of 15 runs after 3, in ms */
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
