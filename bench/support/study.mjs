/** What the studies share: settings from the command line, one training by the laboratory, and figures by name. */
import { trainOnce } from '#dist/lab/train.js';
import { systemNamed } from '#dist/models/systems.js';

/** @param {string[]} pairs `name=value`, as --set takes them */
export function settingsOf(pairs) {
  return Object.fromEntries(
    pairs
      .map((pair) => pair.split('='))
      .map(([name, value]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]),
  );
}

/** @param {string} name @throws Error unless it is a system that ranks movies */
export function movieSystemNamed(name) {
  const system = systemNamed(/** @type {import('#dist/models/systems.js').SystemName} */ (name));
  if (system?.task !== 'MOVIES') throw new Error(`No system ${name} ranks movies.`);
  return system;
}

/** One training by the laboratory, which stops early on at most 2,000 validation users where the split has any.
 *  @template {import('#dist/models/system.js').Task} T
 *  @param {import('#dist/models/system.js').System<T>} system
 *  @param {import('#dist/lab/tasks.js').SplitOf<T>} split
 *  @param {object} [options]
 *  @param {Record<string, unknown>} [options.settings] completed by the system's defaults
 *  @param {number | string} [options.seed]
 *  @param {string} [options.backend]
 *  @param {boolean} [options.validates] false: trains all epochs
 *  @param {(record: import('#dist/models/system.js').EpochProgress) => void} [options.onEpoch]
 *  @returns the model, what it took, and its epochs */
export function train(
  system,
  split,
  { settings = {}, seed = 1, backend = 'auto', validates = true, onEpoch } = {},
) {
  const request = /** @type {import('#dist/lab/train.js').FitRequest} */ ({
    hyperparameters: system.hyperparameters.parse(settings),
    seed: Number(seed),
    backend,
  });
  return trainOnce(system, split, request, { validates, ...(onEpoch && { onEpoch }) });
}

/** To standard error, so that tables on standard output stay whole. */
export function logEpochs(name) {
  return ({ epoch, epochs, loss, validationMetric, seconds }) =>
    process.stderr.write(
      `${name} epoch ${epoch} of ${epochs}: loss ${loss.toFixed(4)}, NDCG@20 ${validationMetric?.toFixed(4) ?? 'not measured'}, ${seconds.toFixed(1)} s\n`,
    );
}

/** @returns the mean with four digits, empty where it was not measured */
export function figure(rows, protocol, metric, k) {
  return (
    rows.find((row) => row.protocol === protocol && row.metric === metric && row.k === k)?.mean.toFixed(4) ??
    ''
  );
}
