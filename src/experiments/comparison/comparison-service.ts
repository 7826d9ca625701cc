/** Compares what experiments measured: two of them, or all systems on the same data. What is final
 *  does not change, so answers are kept. */
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import { BadUserInputError } from '../../errors';
import { measurementOf } from '../../evaluation/metrics';
import type { EvaluationProtocol, EvaluationSplit, MetricName } from '../enums';
import type { Experiment } from '../experiment.entity';
import type { ExperimentService } from '../experiment-service';
import { type FigureKey, loadUserFigures, type StoredFigures } from '../user-figures';
import { comparability, type SystemsComparison } from './compare';
import type { LeaderboardEntry } from './comparison.type';
import { runComparison } from './comparison-job';
import { groupBySystem, leaderboardOf, type TrainingRow } from './leaderboard';

const SQL = join(__dirname, '..', 'sql');
const KEPT = 200;
export const LARGEST_LEADERBOARD = 50;

export interface ComparisonQuery {
  readonly metric: MetricName;
  /** Absent: the protocol that both report under */
  readonly protocol?: EvaluationProtocol | null | undefined;
  readonly split: EvaluationSplit;
}

export interface ComparisonResult {
  readonly baseline: Experiment;
  readonly candidate: Experiment;
  readonly protocol: EvaluationProtocol;
  readonly figures: SystemsComparison;
}

export interface LeaderboardQuery extends FigureKey {
  /** Absent: the data of the newest experiment that was measured so */
  readonly datasetHash?: string | null | undefined;
  readonly limit: number;
}

export class ComparisonService {
  private readonly kept = new LRUCache<string, Promise<SystemsComparison>>({ max: KEPT });

  constructor(
    private readonly database: Database,
    private readonly experiments: ExperimentService,
  ) {}

  /** @throws NotFoundError, BadUserInputError naming what makes the two incomparable */
  async compare(
    baselineId: number,
    candidateId: number,
    query: ComparisonQuery,
  ): Promise<ComparisonResult> {
    const [baseline, candidate] = [
      await this.experiments.require(baselineId),
      await this.experiments.require(candidateId),
    ];
    const { metric, split } = query;
    requirePerUser(metric);
    const protocol = comparability(baseline, candidate, query.protocol ?? null);
    const key = { metric, split, protocol };
    const ids = [baselineId, candidateId];
    const figures = await this.figures(
      ids.map((id) => [id]),
      key,
      async (missing) => this.explain(ids, missing, key),
    );
    if (figures.users === 0)
      throw new BadUserInputError('candidateId', 'The two experiments have no users in common.');
    return { baseline, candidate, protocol, figures };
  }

  /** Best first: the highest mean. Systems are algorithms with their hyperparameters; of several
   *  trainings with the same seed the newest counts. Trials of searches are excluded: they were not
   *  measured on the test data, unlike their winner's final training.
   *  @returns empty where nothing was measured so
   *  @throws BadUserInputError */
  async leaderboard({ datasetHash, limit, ...key }: LeaderboardQuery): Promise<LeaderboardEntry[]> {
    if (!(limit >= 1 && limit <= LARGEST_LEADERBOARD)) {
      throw new BadUserInputError('limit', `limit must be from 1 to ${LARGEST_LEADERBOARD}.`);
    }
    requirePerUser(key.metric);
    const parameters = [key.protocol, key.split, key.metric, datasetHash ?? null];
    const rows = await this.database.query<TrainingRow>(sqlFile(SQL, 'leaderboard'), parameters);
    const systems = groupBySystem(rows).slice(0, limit);
    if (systems.length === 0) return [];
    const figures = await this.figures(
      systems.map((trainings) => trainings.map(({ id }) => id)),
      key,
      async () => {
        throw new BadUserInputError(
          'metric',
          'An experiment was deleted during the comparison. Try again.',
        );
      },
    );
    return figures.users === 0 ? [] : leaderboardOf(systems, figures);
  }

  /** @param explain says why an experiment has no such figures */
  private async figures(
    systems: readonly (readonly number[])[],
    key: FigureKey,
    explain: (missing: number) => Promise<never>,
  ): Promise<SystemsComparison> {
    const name = JSON.stringify([systems, key.protocol, key.split, key.metric]);
    const known = this.kept.get(name);
    if (known) return known;
    const stored = await loadUserFigures(this.database, systems.flat(), key);
    const missing = systems.flat().find((id) => !stored.has(id));
    if (missing !== undefined) return explain(missing);
    const comparison = runComparison(
      systems.map((trainings) => trainings.map((id) => stored.get(id) as StoredFigures)),
    );
    this.kept.set(name, comparison);
    comparison.catch(() => this.kept.delete(name));
    return comparison;
  }

  private async explain(
    [baselineId]: readonly number[],
    missing: number,
    { protocol, split, metric }: FigureKey,
  ): Promise<never> {
    const measured = await this.experiments.metricsOf([missing]);
    const field = missing === baselineId ? 'baselineId' : 'candidateId';
    const under = measured.filter((row) => row.protocol === protocol);
    if (under.length === 0)
      throw new BadUserInputError('protocol', `Experiment ${missing} was not measured under ${protocol}.`);
    const on = under.filter((row) => row.split === split);
    if (on.length === 0) {
      throw new BadUserInputError(
        'split',
        `Experiment ${missing} was not measured on ${split} (trials of a search are measured on VALIDATION only).`,
      );
    }
    if (split === 'VALIDATION') {
      const message = `On VALIDATION only NDCG_AT_20 without sampled candidates is stored per user, not ${metric} under ${protocol}.`;
      throw new BadUserInputError('metric', message);
    }
    if (on.some((row) => row.name === metric)) {
      throw new BadUserInputError(
        field,
        `Experiment ${missing} was measured before per-user figures were stored: train it again.`,
      );
    }
    throw new BadUserInputError('metric', `Experiment ${missing} has no ${metric}.`);
  }
}

/** @throws BadUserInputError */
function requirePerUser(metric: MetricName): void {
  if (measurementOf(metric).metric.per !== 'user')
    throw new BadUserInputError(
      'metric',
      `${metric} is a single figure for all users: it has no per-user test.`,
    );
}
