/** What the studies share: options from the command line, one training by the laboratory, and
 *  figures by name.
 *  @import { SplitOf } from '#dist/lab/tasks.js'
 *  @import { FitHooks, FitRequest, Training } from '#dist/lab/train.js'
 *  @import { AnyProtocolName } from '#dist/evaluation/protocols.js'
 *  @import { EpochProgress, System, Task } from '#dist/models/system.js'
 *  @import { MovieSystem } from '#dist/models/systems.js'
 *  @typedef {{ settings?: object, seed?: number | string, backend?: string, validates?: boolean,
 *    onEpoch?: FitHooks['onEpoch'] | undefined }} TrainOptions
 *    `settings` are completed by the system's defaults; `validates: false` trains all epochs */
import { trainOnce } from '#dist/lab/train.js';
import { twoTower } from '#dist/models/metric-tower/metric-tower.js';
import { TowerSpace } from '#dist/models/metric-tower/space.js';
import { MOVIE_SYSTEM_NAMES, systemNamed } from '#dist/models/systems.js';
import { BACKENDS } from '#dist/paper/task.js';

/** @template {string} Name
 *  @param {string} option @param {readonly Name[]} names
 *  @param {string | undefined} value what the command line has for the option */
export function oneOf(option, names, value) {
  const name = names.find((each) => each === value);
  if (name === undefined) throw new Error(`--${option} is one of ${names.join(', ')}.`);
  return name;
}

/** @param {string | undefined} name @returns {MovieSystem} */
export const movieSystem = (name) => systemNamed(oneOf('algorithm', MOVIE_SYSTEM_NAMES, name));

/** @param {string} name */
export const backendNamed = (name) => oneOf('backend', BACKENDS, name);

/** @param {string[]} pairs `name=value`, as --set takes them
 *  @returns {Record<string, string | number>} */
export function settingsOf(pairs) {
  return Object.fromEntries(
    pairs
      .map((pair) => pair.split('='))
      .map(([name, value]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]),
  );
}

/** One training by the laboratory, which stops early on at most 2,000 validation users where the
 *  split has any.
 *  @template {Task} T
 *  @param {System<T>} system @param {SplitOf<T>} split @param {TrainOptions} options
 *  @returns {Promise<Training<T>>} */
export function train(
  system,
  split,
  { settings = {}, seed = 1, backend = 'auto', validates = true, onEpoch },
) {
  const hyperparameters = /** @type {FitRequest['hyperparameters']} */ (
    system.hyperparameters.parse(settings)
  );
  const request = { hyperparameters, seed: Number(seed), backend: backendNamed(backend) };
  return trainOnce(system, split, request, { validates, ...(onEpoch && { onEpoch }) });
}

/** As `train`, of the metric tower.
 *  @param {SplitOf<'MOVIES'>} split @param {TrainOptions} options */
export async function trainTower(split, options) {
  const training = await train(/** @type {System} */ (twoTower), split, options);
  const { space } = training.model;
  if (!(space instanceof TowerSpace)) throw new Error('The metric tower has no space.');
  return { ...training, space };
}

/** To standard error, so that tables on standard output stay whole.
 *  @param {string} name @returns {(record: EpochProgress) => void} */
export function logEpochs(name) {
  return ({ epoch, epochs, loss, validationMetric, seconds }) =>
    process.stderr.write(
      `${name} epoch ${epoch} of ${epochs}: loss ${loss.toFixed(4)}, NDCG@20 ${validationMetric?.toFixed(4) ?? 'not measured'}, ${seconds.toFixed(1)} s\n`,
    );
}

/** @param {readonly { protocol: AnyProtocolName, metric: string, k: number, mean: number }[]} rows
 *  @param {AnyProtocolName} protocol @param {string} metric @param {number} k
 *  @returns the mean with four digits, empty where it was not measured */
export function figure(rows, protocol, metric, k) {
  return (
    rows
      .find((row) => row.protocol === protocol && row.metric === metric && row.k === k)
      ?.mean.toFixed(4) ?? ''
  );
}

/** @param {readonly number[]} values */
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
