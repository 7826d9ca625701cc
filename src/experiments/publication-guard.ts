/** Refuses a model that is worse than the one in service: on the same users and protocol, the whole
 *  confidence interval of the difference is below zero. After new ratings each is measured on its
 *  own training data, which hold out the same for most users. Models that cannot be compared are
 *  accepted; the verdict says why. */
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { measurementName } from '../evaluation/metrics';
import {
  type AnyProtocolName,
  catalogueOf,
  decidingProtocolOf,
  TAG_PROTOCOL,
} from '../evaluation/protocols';
import type { PairedComparison } from '../evaluation/statistics/paired';
import { runComparison } from './comparison/comparison-job';
import { loadUserFigures, OBJECTIVE, type StoredFigures, type UserFigures } from './user-figures';

const SQL = join(__dirname, 'sql');
const KEPT = 200;
/** So large a share of the users of either must have been measured with both, where the data
 *  differ: with fewer it is another catalogue. */
const SHARED_USERS = 0.5;

/** A training whose model is to go into service. */
export interface Candidate {
  readonly experimentId: number;
  readonly protocol: AnyProtocolName;
  readonly datasetHash: string;
  /** Per-user figures of the training; the stored ones if omitted. */
  readonly figures?: readonly UserFigures[];
}

export interface Verdict {
  /** Whether it is worse, and sure to be: nothing that could not be compared is. */
  readonly worse: boolean;
  /** A sentence with the figures, or with the reason why there are none; empty where no model is in
   *  service. */
  readonly note: string;
}

interface Comparison {
  readonly paired: PairedComparison;
  /** [0, 1] of the users of the larger of the two */
  readonly sharedUsers: number;
}

type Reference = Required<Omit<Candidate, 'figures'>> & { readonly modelId: number };

export class PublicationGuard {
  /** By the two experiments: what is stored of them does not change. */
  private readonly kept = new LRUCache<string, Comparison>({ max: KEPT });

  constructor(private readonly database: Database) {}

  /** Compares with the model in service for the same task by NDCG@20 of each user on the validation
   *  data, the metric that decides publication, in a separate thread. */
  async judge(candidate: Candidate): Promise<Verdict> {
    const [active] = await this.database.query<Reference>(sqlFile(SQL, 'active-experiment'), [
      candidate.protocol === TAG_PROTOCOL ? 'TAGS' : 'MOVIES',
    ]);
    if (!active || active.experimentId === candidate.experimentId) return { worse: false, note: '' };
    const name = `model ${active.modelId}, which is in service`;
    const protocol = decidingProtocolOf(candidate.protocol);
    if (decidingProtocolOf(active.protocol) !== protocol)
      return incomparable(name, `it was trained for ${active.protocol}`);
    const comparison = await this.compare(active, candidate, protocol);
    if (comparison === null)
      return incomparable(name, 'per-user figures are missing, or no user was measured with both models');
    const { paired, sharedUsers } = comparison;
    const otherData = active.datasetHash !== candidate.datasetHash;
    if (otherData && sharedUsers < SHARED_USERS)
      return incomparable(name, 'it was trained on different data and measured mostly on different users');
    const worse = paired.high < 0;
    const data = otherData ? ', each on its own training data' : '';
    const note = `${worse ? 'Worse' : 'Not worse'} than ${name}, in NDCG@20 on the validation data (${catalogueOf(protocol)}${data}): ${figuresOf(paired)}.`;
    return { worse, note };
  }

  /** @returns null when there is nothing to compare */
  private async compare(
    active: Reference,
    candidate: Candidate,
    protocol: AnyProtocolName,
  ): Promise<Comparison | null> {
    const key = `${active.experimentId} ${candidate.experimentId}`;
    const known = this.kept.get(key);
    if (known) return known;
    const own = candidate.figures ? columnOf(candidate.figures, protocol) : undefined;
    const ids = own ? [active.experimentId] : [active.experimentId, candidate.experimentId];
    const stored = await loadUserFigures(this.database, ids, {
      protocol,
      split: 'VALIDATION',
      metric: OBJECTIVE,
    });
    const [its, ours] = [stored.get(active.experimentId), own ?? stored.get(candidate.experimentId)];
    if (!its || !ours) return null;
    const most = Math.max(its.userIds.length, ours.userIds.length);
    const { users, comparisons } = await runComparison([[its], [ours]]);
    if (users === 0) return null;
    const comparison = { paired: comparisons[0], sharedUsers: users / most };
    this.kept.set(key, comparison);
    return comparison;
  }
}

/** @returns a copy: comparing takes the memory, and the figures are still to be stored */
function columnOf(figures: readonly UserFigures[], protocol: AnyProtocolName): StoredFigures | undefined {
  const own = figures.find(({ split }) => split === 'VALIDATION');
  const column = own?.columns.find(
    (each) => each.protocol === protocol && measurementName(each.metric, each.k) === OBJECTIVE,
  );
  return own && column && { userIds: own.userIds.slice(), values: column.values.slice() };
}

function incomparable(name: string, why: string): Verdict {
  return { worse: false, note: `Not compared with ${name}: ${why}.` };
}

function figuresOf({
  candidateMean,
  baselineMean,
  difference,
  low,
  high,
  users,
}: PairedComparison): string {
  const figure = (value: number) => value.toFixed(4);
  const interval = `95 % interval ${figure(low)} to ${figure(high)}`;
  return `${figure(candidateMean)} against ${figure(baselineMean)}, difference ${figure(difference)}, ${interval}, ${users} users`;
}
