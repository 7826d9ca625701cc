/** Experiments as CSV: one line for each protocol and split that was measured, with the metrics as
 *  columns. */

import { MetricName } from '../experiments/enums';
import type { Experiment } from '../experiments/experiment.entity';
import { type ExperimentService, LARGEST_LIST } from '../experiments/experiment-service';
import type { Metric } from '../experiments/metric.entity';
import { type CsvValue, csvText } from './csv';

const FACTS = {
  experimentId: ({ id }) => id,
  algorithm: ({ algorithm }) => algorithm,
  status: ({ status }) => status,
  seed: ({ seed }) => seed,
  hyperparameters: ({ hyperparameters }) => JSON.stringify(hyperparameters),
  datasetHash: ({ datasetHash }) => datasetHash,
  backend: ({ backend }) => backend,
  revision: ({ revision }) => revision,
  trainingSeconds: ({ trainingSeconds }) => trainingSeconds,
  createdAt: ({ createdAt }) => createdAt.toISOString(),
  finishedAt: ({ finishedAt }) => finishedAt?.toISOString() ?? null,
  reportedUnder: ({ protocol }) => protocol,
} as const satisfies Record<string, (experiment: Experiment) => CsvValue>;
const METRICS = Object.values(MetricName);

/** Newest first. What was not measured is empty; an experiment without any measurement is one
 *  line. */
export function exportExperiments(service: ExperimentService): AsyncGenerator<string> {
  return csvText([...Object.keys(FACTS), 'protocol', 'split', 'users', ...METRICS], lines(service));
}

async function* lines(service: ExperimentService): AsyncGenerator<CsvValue[][]> {
  for (let offset = 0; ; offset += LARGEST_LIST) {
    const experiments = await service.find({}, null, { limit: LARGEST_LIST, offset });
    const metrics = await service.metricsOf(experiments.map(({ id }) => id));
    yield experiments.flatMap((experiment) => {
      const own = metrics.filter(({ experimentId }) => experimentId === experiment.id);
      return linesOf(experiment, own);
    });
    if (experiments.length < LARGEST_LIST) return;
  }
}

function linesOf(experiment: Experiment, metrics: readonly Metric[]): CsvValue[][] {
  const facts = Object.values(FACTS).map((fact) => fact(experiment));
  const parts = new Map<string, Metric[]>();
  for (const metric of metrics) {
    const key = `${metric.protocol} ${metric.split}`;
    parts.set(key, [...(parts.get(key) ?? []), metric]);
  }
  if (parts.size === 0) return [[...facts, null, null, null, ...METRICS.map(() => null)]];
  return [...parts.values()].map((part) => {
    const means = new Map(part.map(({ name, mean }) => [name, mean]));
    return [
      ...facts,
      part[0].protocol,
      part[0].split,
      part[0].users,
      ...METRICS.map((name) => means.get(name) ?? null),
    ];
  });
}
