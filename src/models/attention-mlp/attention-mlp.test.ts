import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { contextOf } from '../../../test/fixtures/fit-context';
import { checkGradient } from '../../../test/fixtures/gradient-check';
import { installedBackends } from '../../../test/fixtures/installed-backends';
import { dataOf } from '../../../test/fixtures/training-data';
import type { UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { loadEngine } from '../../tensor/engine';
import { tf } from '../../tensor/tf';
import { CorruptArtifactError, decodeArtifact, encodeArtifact } from '../artifact';
import { UnfitDataError } from '../system';
import { attentionMlp } from './attention-mlp';
import {
  binaryCrossEntropy,
  initialParameters,
  PARAMETER_NAMES,
  type ParameterTensors,
  popularityBiases,
  prepareStep,
  smoothedSoftmax,
  stepLoss,
} from './step';
import { Windows } from './windows';

const historyOfItems = (items: readonly number[], userIndex?: number): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length),
  userIndex,
});

const ITEMS = 20;
const random = new Random(1);
const histories = Array.from({ length: 30 }, (_, user) =>
  Array.from(random.sampleWithoutReplacement(10, 3 + (user % 5)), (item) => 2 * item + (user % 2)),
);
const data = dataOf(histories, ITEMS + 2);

describe.each(installedBackends())('on %s', (backend) => {
  beforeAll(async () => void (await loadEngine({ backend })));

  it('the smoothed softmax has its values and the gradient of finite differences', () => {
    const logits = tf.tensor3d([[[Math.log(1), Math.log(4), Math.log(5), 7]], [[3, 3, 3, 3]]]);
    const mask = tf.tensor3d([[[1, 1, 1, 0]], [[0, 0, 0, 0]]]);
    const values = Array.from(smoothedSoftmax(logits, mask, 0.5).dataSync());
    [1 / Math.sqrt(10), 4 / Math.sqrt(10), 5 / Math.sqrt(10), 0, 0, 0, 0, 0].forEach((expected, at) => {
      expect(values[at]).toBeCloseTo(expected, 5);
    });
    const whole = smoothedSoftmax(logits, mask, 1).dataSync();
    expect(whole[0] + whole[1] + whole[2]).toBeCloseTo(1, 5);
    const pick = tf.tensor3d([[[1, -2, 0.5, 3]], [[1, 1, 1, 1]]]);
    for (const beta of [0, 0.5, 1]) {
      checkGradient(
        (f: Tensor3D) => tf.sum(tf.mul(smoothedSoftmax(f, mask, beta), pick)) as Scalar,
        [logits],
      );
    }
  });

  it('the cross-entropy has its value, for huge logits too, and the gradient of finite differences', () => {
    const batch = { labels: Float32Array.of(1, 0, 0, 1), weights: Float32Array.of(1, 1, 0, 1) };
    const logits = tf.tensor2d([[0.3, -0.7, 9, -1.2]]);
    const expected =
      (Math.log(1 + Math.exp(-0.3)) + Math.log(1 + Math.exp(-0.7)) + Math.log(1 + Math.exp(1.2))) / 3;
    expect(binaryCrossEntropy(logits, batch).dataSync()[0]).toBeCloseTo(expected, 5);
    checkGradient((y: Tensor2D) => tf.mul(binaryCrossEntropy(y, batch), 2) as Scalar, [logits]);
    expect(binaryCrossEntropy(tf.tensor2d([[900, -900, 0, 900]]), batch).dataSync()[0]).toBeCloseTo(0, 6);
    expect(binaryCrossEntropy(tf.tensor2d([[-900, -900, 0, 900]]), batch).dataSync()[0]).toBeCloseTo(
      300,
      3,
    );
  });

  it('the loss of a step has the gradient of finite differences in every parameter', () => {
    const settings = { batchSize: 4, window: 3, positives: 2, negatives: 2 };
    const parameters = initialParameters(
      new Float32Array(ITEMS + 2),
      { embeddingSize: 3, attentionSize: 2, hiddenSize: 4 },
      new Random(3),
    );
    const moved = new Random(8);
    for (const { values } of Object.values(parameters))
      for (let n = 0; n < values.length; n++) values[n] += 0.4 * moved.normal();
    const [batch] = new Windows(data.interactions, settings).epoch(new Random(5));
    const step = prepareStep(batch, parameters);
    const inputs = PARAMETER_NAMES.map((name) => parameters[name].take(step.rows[name]));
    checkGradient(
      (...tensors: Tensor[]) => {
        const named = Object.fromEntries(
          PARAMETER_NAMES.map((name, n) => [name, tensors[n]]),
        ) as unknown as ParameterTensors;
        return stepLoss(named, step, { smoothing: 0.5, regularization: 0.3 });
      },
      inputs,
      { epsilon: 3e-3, tolerance: 4e-3 },
    );
  });
});

describe('windows', () => {
  const settings = { batchSize: 7, window: 3, positives: 2, negatives: 4 };

  it('show what came before, what came next, once each, and what never came', () => {
    const { offsets, itemIndex } = data.interactions;
    const found = new Map<string, number>();
    for (const batch of new Windows(data.interactions, settings).epoch(new Random(2))) {
      const t = batch.targets.length / batch.windows;
      expect(t).toBe(10);
      for (let s = 0; s < batch.windows; s++) {
        const known = Array.from(batch.history.subarray(s * batch.length, (s + 1) * batch.length)).filter(
          (_, n) => batch.mask[s * batch.length + n] === 1,
        );
        const targets = Array.from({ length: t }, (_, at) => s * t + at).filter(
          (at) => batch.weights[at] === 1,
        );
        const next = targets.filter((at) => batch.labels[at] === 1).map((at) => batch.targets[at]);
        const never = targets.filter((at) => batch.labels[at] === 0).map((at) => batch.targets[at]);
        expect(never).toHaveLength(4 * next.length);
        // Whose window it is: somebody whose history holds both in a row, from the beginning or as
        // far back as the window goes.
        const user = histories.find(
          (items) =>
            `,${items.join()},`.includes(`,${[...known, ...next].join()},`) &&
            known.length === Math.min(3, items.indexOf(next[0])) &&
            never.every((item) => !items.includes(item)),
        );
        expect(user).toBeDefined();
        for (const item of next)
          found.set(
            `${histories.indexOf(user!)} ${item}`,
            (found.get(`${histories.indexOf(user!)} ${item}`) ?? 0) + 1,
          );
        // Items that nobody has are not known to be disliked.
        expect(never.every((item) => item < ITEMS)).toBe(true);
      }
    }
    expect([...found.values()].reduce((sum, count) => sum + count, 0)).toBe(
      itemIndex.length - offsets.length + 1,
    );
  });

  it('hold no negatives for a user of everything', () => {
    const [batch] = new Windows(dataOf([[0, 1, 2]], 3).interactions, settings).epoch(new Random(1));
    expect(batch.weights.reduce((sum, weight) => sum + weight, 0)).toBe(
      batch.labels.reduce((sum, label) => sum + label, 0),
    );
  });
});

it('starts where popularity alone tells what came next from what never came', () => {
  // 3 negatives for each of 12 positives, spread evenly over the 2 items that somebody has: 18
  // each.
  const biases = popularityBiases(Int32Array.of(9, 0, 3), 3);
  [9.5 / 18, 0.5 / 18, 3.5 / 18].forEach((odds, item) => {
    expect(biases[item]).toBeCloseTo(Math.log(odds), 5);
  });
});

describe('training', () => {
  const settings = attentionMlp.hyperparameters.parse({
    embeddingSize: 6,
    attentionSize: 3,
    hiddenSize: 4,
    window: 4,
    epochs: 3,
    batchSize: 16,
    learningRate: 0.02,
  });

  it('scores as its formulas say, by the last items of the history alone', async () => {
    const model = await attentionMlp.fit(data, settings, contextOf());
    const { arrays } = model.save();
    const table = (name: string) => {
      const { data: values, shape } = arrays[name];
      return Array.from({ length: shape[0] }, (_, row) =>
        Array.from(values.subarray(row * shape[1], (row + 1) * shape[1])),
      );
    };
    const [p, q, b, queryWeights, keyWeights, w, hiddenBiases, o] = PARAMETER_NAMES.map(table);
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, k) => sum + value * y[k], 0);
    const times = (x: number[], matrix: number[][]) =>
      matrix[0].map((_, column) =>
        dot(
          x,
          matrix.map((row) => row[column]),
        ),
      );
    const history = [1, 3, 5, 7, 9];
    const scores = model.score([historyOfItems(history)]);
    p.forEach((target, item) => {
      const weights = history
        .slice(-4)
        .map((other) =>
          Math.exp(dot(times(target, queryWeights), times(q[other], keyWeights)) / Math.sqrt(3)),
        );
      const scale = weights.reduce((sum, weight) => sum + weight, 0) ** -0.5;
      const pooled = target.map((_, k) =>
        history.slice(-4).reduce((sum, other, n) => sum + scale * weights[n] * q[other][k], 0),
      );
      const z = target.map((value, k) => value * pooled[k]);
      const hidden = times(z, w).map((value, k) => Math.max(0, value + hiddenBiases[0][k]));
      const expected = z.reduce((sum, value) => sum + value, 0) + times(hidden, o)[0] + b[item][0];
      expect(scores[item]).toBeCloseTo(expected, 4);
    });
    expect(model.score([historyOfItems([2, 4, 3, 5, 7, 9], 0)])).toEqual(
      model.score([historyOfItems([3, 5, 7, 9])]),
    );
    const loaded = attentionMlp.load(decodeArtifact(encodeArtifact(model.save())));
    expect(loaded.score([historyOfItems(history), historyOfItems([])])).toEqual(
      model.score([historyOfItems(history), historyOfItems([])]),
    );
  });

  it('leaves no tensor behind', async () => {
    const model = await attentionMlp.fit(data, settings, contextOf());
    const before = tf.memory().numTensors;
    await attentionMlp.fit(
      data,
      settings,
      contextOf({ validate: (candidate) => candidate.score([historyOfItems([1])])[0] }),
    );
    model.score([historyOfItems([1, 2]), historyOfItems([])]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses data without a next item, and stored parts that do not fit together', async () => {
    await expect(attentionMlp.fit(dataOf([[0], [1]], 2), settings, contextOf())).rejects.toThrow(
      UnfitDataError,
    );
    const stored = (await attentionMlp.fit(data, { ...settings, epochs: 1 }, contextOf())).save();
    const { biases } = stored.arrays;
    const broken = [
      { ...stored, settings: { ...stored.settings, hiddenSize: 5 } },
      { ...stored, settings: { ...stored.settings, window: 0 } },
      {
        ...stored,
        arrays: { ...stored.arrays, biases: { data: biases.data.slice(1), shape: [ITEMS + 1, 1] } },
      },
    ];
    for (const artifact of broken) expect(() => attentionMlp.load(artifact)).toThrow(CorruptArtifactError);
  });
});
