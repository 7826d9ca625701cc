/** What an admin may do with traffic: split it, end the split, read what came of it. */
import { join } from 'node:path';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { NotFoundError } from '../errors';
import type { ModelStore } from '../experiments/model-store';
import { invalid } from '../request/parameters';
import type { ImpressionLog } from './impression-log';
import { type Interval, intervalOfDifference, intervalOfMean, type Summary } from './intervals';
import type { Share, Split, SplitStore } from './split-store';
import type { TrafficRouter } from './traffic-router';

const SQL = join(__dirname, 'sql');
/** Each model of a split is kept in memory. */
export const LARGEST_SPLIT = 8;
const LARGEST_WEIGHT = 1_000_000;
const LONGEST_LIST = 50;

/** One model's outcomes, as sql/split-report.sql counts them. */
interface OutcomeRow extends Share {
  readonly users: number;
  readonly lists: number;
  readonly shownMovies: number;
  readonly ratings: number;
  readonly meanRating: number | null;
  readonly rate: number | null;
  readonly rateVariance: number | null;
}

export interface Outcome extends Omit<OutcomeRow, 'rateVariance'> {
  readonly interval: Interval | null;
  /** Against the first share; null for itself, and where one of the two has no users. */
  readonly difference: number | null;
  readonly differenceInterval: Interval | null;
}

export interface TrafficParts {
  readonly database: Database;
  readonly store: SplitStore;
  readonly models: ModelStore;
  readonly router: TrafficRouter;
  readonly impressions: ImpressionLog;
}

export class TrafficService {
  constructor(private readonly parts: TrafficParts) {}

  /** Begins a split, changes the running one, or ends it (no shares). Answers when this process
   *  follows.
   *  @returns what runs now
   *  @throws BadUserInputError, NotFoundError, ModelNotServableError, CorruptArtifactError */
  async set(shares: readonly Share[]): Promise<Split | null> {
    const { store, router, impressions } = this.parts;
    await this.check(shares);
    if (shares.length === 0) await store.end();
    else await store.put(shares);
    await router.refresh();
    await impressions.flush();
    return store.running();
  }

  running(): Promise<Split | null> {
    return this.parts.store.running();
  }

  /** @returns the latest, newest first */
  list(): Promise<Split[]> {
    return this.parts.store.list(LONGEST_LIST);
  }

  /** What came of a split until now, with what this process has yet to write.
   *  @throws NotFoundError */
  async report(splitId: number): Promise<{ split: Split; outcomes: Outcome[] }> {
    const { store, impressions, database } = this.parts;
    const split = await store.get(splitId);
    if (!split) throw new NotFoundError('split', splitId);
    await impressions.flush();
    const rows = await database.query<OutcomeRow>(sqlFile(SQL, 'split-report'), [splitId]);
    const baseline = summaryOf(rows[0]);
    return { split, outcomes: rows.map((row, at) => outcomeOf(row, at === 0 ? null : baseline)) };
  }

  private async check(shares: readonly Share[]): Promise<void> {
    if (shares.length > LARGEST_SPLIT)
      throw invalid('shares', `may have at most ${LARGEST_SPLIT} models; got ${shares.length}.`);
    for (const [at, { modelId, weight }] of shares.entries()) {
      if (!(weight > 0 && weight <= LARGEST_WEIGHT)) {
        throw invalid(
          `shares.${at}.weight`,
          `must be above 0 and at most ${LARGEST_WEIGHT}; got ${weight}.`,
        );
      }
      if (shares.findIndex((share) => share.modelId === modelId) !== at) {
        throw invalid(`shares.${at}.modelId`, `has duplicate model ${modelId}.`);
      }
      await this.parts.models.requireServable(modelId, 'MOVIES');
      await this.parts.models.loadArtifact(modelId); // damaged ones are refused here, not by the servers that follow
    }
  }
}

function summaryOf({ users, rate, rateVariance }: OutcomeRow): Summary {
  return { users, mean: rate ?? 0, variance: rateVariance ?? 0 };
}

function outcomeOf({ rateVariance, ...row }: OutcomeRow, baseline: Summary | null): Outcome {
  const own = summaryOf({ rateVariance, ...row });
  const comparable = baseline !== null && baseline.users > 0 && own.users > 0;
  return {
    ...row,
    interval: intervalOfMean(own),
    difference: comparable ? own.mean - baseline.mean : null,
    differenceInterval: comparable ? intervalOfDifference(baseline, own) : null,
  };
}
