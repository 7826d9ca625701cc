/** The paper's tables from stored experiments. */

import { BadUserInputError, NotFoundError } from '../../errors';
import { measurementOf } from '../../evaluation/metrics';
import { systemNamed } from '../../models/systems';
import { paperTables } from '../../reporting/paper-tables';
import type { ResultRow } from '../../reporting/result-row';
import { renderTable, type TableFormat } from '../../reporting/table';
import type { Experiment } from '../experiment.entity';
import { type ExperimentService, LARGEST_LIST } from '../experiment-service';
import type { Metric } from '../metric.entity';

/** The protocol of the paper's tables. */
const PROTOCOL = 'SAMPLED_LAST_ITEM';

export class ReportService {
  constructor(private readonly experiments: ExperimentService) {}

  /** Tables 1 (precision) and 2 (recall), the paper's rows beside those of the experiments. Of one
   *  system, all seeds are averaged.
   *  @throws NotFoundError, BadUserInputError on experiments that do not belong in one table */
  async paperTables(
    experimentIds: readonly number[],
    format: TableFormat,
  ): Promise<{ precision: string; recall: string }> {
    const experiments = await this.load(experimentIds);
    const metrics = await this.experiments.metricsOf(experimentIds);
    const rows = experiments.flatMap((experiment) => rowsOf(experiment, metrics));
    const { precision, recall } = paperTables(rows);
    return { precision: renderTable(precision, format), recall: renderTable(recall, format) };
  }

  private async load(ids: readonly number[]): Promise<Experiment[]> {
    if (ids.length === 0 || ids.length > LARGEST_LIST) {
      throw new BadUserInputError('experimentIds', `A report is on 1 to ${LARGEST_LIST} experiments.`);
    }
    const found = new Map(
      (await this.experiments.experimentsByIds(ids)).map((experiment) => [experiment.id, experiment]),
    );
    const experiments = [...new Set(ids)].map((id) => {
      const experiment = found.get(id);
      if (!experiment) throw new NotFoundError('experiment', id);
      return experiment;
    });
    check(experiments);
    return experiments;
  }
}

/** A row of the table is one system on one set of data, each seed once.
 *  @throws BadUserInputError */
function check(experiments: readonly Experiment[]): void {
  const refuse = (message: string): never => {
    throw new BadUserInputError('experimentIds', message);
  };
  const [first] = experiments;
  const rows = new Map<string, Experiment>();
  for (const experiment of experiments) {
    const { id, algorithm, seed } = experiment;
    if (experiment.status !== 'SUCCEEDED')
      refuse(`Experiment ${id} has nothing to report: it is ${experiment.status}.`);
    if (experiment.searchRole === 'TRIAL')
      refuse(`Experiment ${id} is a trial of a search: it was not measured on the test data.`);
    if (experiment.datasetHash !== first.datasetHash)
      refuse(`Experiments ${first.id} and ${id} were trained on different data.`);
    const same = rows.get(algorithm);
    if (same && settingsOf(same) !== settingsOf(experiment)) {
      refuse(
        `Experiments ${same.id} and ${id} are both ${algorithm}, with different hyperparameters: a row of the table is one system.`,
      );
    }
    const twice = rows.get(`${algorithm} ${seed}`);
    if (twice) refuse(`Experiments ${twice.id} and ${id} are both ${algorithm} with the seed ${seed}.`);
    rows.set(algorithm, experiment).set(`${algorithm} ${seed}`, experiment);
  }
}

function settingsOf({ hyperparameters }: Experiment): string {
  return JSON.stringify(Object.entries(hyperparameters).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws BadUserInputError when it was not measured as the tables ask for */
function rowsOf(
  { id, algorithm, seed, trainingSeconds, backend, protocol }: Experiment,
  metrics: readonly Metric[],
): ResultRow[] {
  const own = metrics.filter(
    (row) => row.experimentId === id && row.protocol === PROTOCOL && row.split === 'TEST',
  );
  const system = systemNamed(algorithm);
  if (own.length === 0 || system.task === 'TAGS') {
    const message = `Experiment ${id} was not measured under ${PROTOCOL}, the protocol of the paper's tables (its own is ${protocol}).`;
    throw new BadUserInputError('experimentIds', message);
  }
  return own.map(({ name, mean, ciLow, ciHigh, users }) => {
    const { metric, k } = measurementOf(name);
    return {
      algorithm: system.name,
      protocol: PROTOCOL,
      metric: metric.name,
      k,
      mean,
      ciLow,
      ciHigh,
      users,
      seed,
      trainSeconds: trainingSeconds ?? 0,
      backend,
    };
  });
}
