/** The paper's tables from stored experiments, over GraphQL. */
import { Arg, Authorized, ID, Query, Resolver } from 'type-graphql';
import { BadUserInputError, NotFoundError } from '../errors';
import { measurementOf } from '../evaluation/metrics';
import { systemNamed } from '../models/systems';
import { paperTables } from '../reporting/paper-tables';
import type { ResultRow } from '../reporting/results';
import { renderTable, type TableFormat } from '../reporting/table';
import { graphqlEnum } from '../request/graphql-enum';
import { parseId } from '../request/parameters';
import type { Experiment } from './experiment.entity';
import { ExperimentService, LARGEST_LIST } from './experiment-service';
import type { Metric } from './metric.entity';

const ReportFormat = graphqlEnum<TableFormat>('ReportFormat', 'Format of a report.', {
  MARKDOWN: 'A Markdown table with title and notes.',
  LATEX: 'A LaTeX table environment; requires the packages booktabs and graphicx.',
  CSV: 'Comma-separated values (RFC 4180) in full precision, with interval bounds in separate columns.',
});

const ReportTable = graphqlEnum('ReportTable', "The paper's tables.", {
  PRECISION: 'Table 1: precision at 5, 10 and 20.',
  RECALL: 'Table 2: recall at 5, 10 and 20.',
});

/** The protocol of the paper's tables. */
const PROTOCOL = 'SAMPLED_LAST_ITEM';

/** Price for the limit on the cost of a query. */
const REPORT_COST = 200;

@Resolver()
export class ReportResolver {
  constructor(private readonly experiments: ExperimentService) {}

  @Authorized('ANALYST')
  @Query(() => String, {
    complexity: REPORT_COST,
    description:
      "The paper's tables with the given experiments as additional rows: one row per " +
      'system, averaged over seeds, with 95 % intervals.',
  })
  async report(
    @Arg('experimentIds', () => [ID], {
      description:
        'Ids of finished experiments on the same data: one system per algorithm, each seed once.',
    })
    experimentIds: string[],
    @Arg('format', () => ReportFormat, {
      defaultValue: 'MARKDOWN',
      description: 'Format of the tables.',
    })
    format: TableFormat,
    @Arg('table', () => ReportTable, {
      nullable: true,
      description: 'Table to return; default: both, separated by a blank line.',
    })
    table: keyof typeof ReportTable | null,
  ): Promise<string> {
    const ids = experimentIds.map((id) => parseId('experimentIds', id));
    const { precision, recall } = await this.paperTables(ids);
    const tables = table == null ? [precision, recall] : [table === 'PRECISION' ? precision : recall];
    return tables.map((each) => renderTable(each, format)).join('\n');
  }

  /** Tables 1 (precision) and 2 (recall), with the paper's rows and those of the experiments. The
   *  seeds of a system are averaged.
   *  @throws NotFoundError, BadUserInputError on experiments that cannot share a table */
  private async paperTables(experimentIds: readonly number[]): Promise<ReturnType<typeof paperTables>> {
    const experiments = await this.load(experimentIds);
    const metrics = await this.experiments.metricsOf(experimentIds);
    return paperTables(experiments.flatMap((experiment) => rowsOf(experiment, metrics)));
  }

  private async load(ids: readonly number[]): Promise<Experiment[]> {
    if (ids.length === 0 || ids.length > LARGEST_LIST) {
      throw new BadUserInputError('experimentIds', `A report must have 1 to ${LARGEST_LIST} experiments.`);
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
      refuse(`Experiment ${id} cannot be reported: its status is ${experiment.status}.`);
    if (experiment.searchRole === 'TRIAL')
      refuse(`Experiment ${id} is a trial of a search: it was not measured on the test data.`);
    if (experiment.datasetHash !== first.datasetHash)
      refuse(`Experiments ${first.id} and ${id} were trained on different data.`);
    const same = rows.get(algorithm);
    if (same && settingsOf(same) !== settingsOf(experiment)) {
      refuse(
        `Experiments ${same.id} and ${id} are both ${algorithm}, with different hyperparameters: the table has one row per system.`,
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
