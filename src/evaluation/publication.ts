/** Whether a model is good enough to serve: it must beat popularity (for tags: of the user and the
 *  movie), which costs nothing, on data that it was not tested with. */
import type { MetricRow } from './evaluate';
import type { MetricName } from './metrics';
import { type AnyProtocolName, TAG_PROTOCOL } from './protocols/protocol';

export interface PublicationDecision {
  readonly publish: boolean;
  /** A sentence for the experiment's record, with the figures. */
  readonly note: string;
}

/** What is wholly missing from the training data of a protocol: a model of it knows less than it
 *  could. */
const WITHHELD: Readonly<Partial<Record<AnyProtocolName, string>>> = {
  NEW_USERS: 'users',
  COLD_ITEMS: 'movies',
};

/** @returns the decision against a model that was trained without some users or movies at all; null
 *    for others */
export function refuseIncomplete(protocol: AnyProtocolName): PublicationDecision | null {
  const what = WITHHELD[protocol];
  if (what === undefined) return null;
  return {
    publish: false,
    note: `Not published: ${protocol} trains without all ratings of some ${what}, so the model lacks them.`,
  };
}

const DECIDING = [
  ['ndcg', 'NDCG@20'],
  ['recall', 'recall@20'],
] as const satisfies readonly (readonly [MetricName, string])[];

/** Strictly better in NDCG@20 and in recall@20, on the validation part of the split, without
 *  sampling.
 *  @param protocol of decidingProtocolOf */
export function beatsPopularity(
  candidate: readonly MetricRow<AnyProtocolName>[],
  popularity: readonly MetricRow<AnyProtocolName>[],
  protocol: AnyProtocolName = 'FULL_LAST_ITEM',
): PublicationDecision {
  const figures = DECIDING.map(([metric, label]) => ({
    label,
    own: validationFigure(candidate, protocol, metric),
    its: validationFigure(popularity, protocol, metric),
  }));
  if (figures.some(({ own, its }) => own === undefined || its === undefined)) {
    return {
      publish: false,
      note: 'Not published: nobody has the interactions that a measurement on validation data needs.',
    };
  }
  const text = figures
    .map(({ label, own, its }) => `${label} ${own!.toFixed(4)} against ${its!.toFixed(4)}`)
    .join(', ');
  const where = protocol === 'FULL_LAST_ITEM' ? 'full catalogue' : protocol;
  const reference = protocol === TAG_PROTOCOL ? 'the popular tags of user and movie' : 'popularity';
  const publish = figures.every(({ own, its }) => own! > its!);
  return publish
    ? { publish, note: `Beats ${reference} on the validation data (${where}): ${text}.` }
    : {
        publish,
        note: `Not published: it does not beat ${reference} on the validation data (${where}): ${text}.`,
      };
}

function validationFigure(
  rows: readonly MetricRow<AnyProtocolName>[],
  protocol: AnyProtocolName,
  metric: MetricName,
): number | undefined {
  return rows.find(
    (row) => row.protocol === protocol && row.split === 'VALIDATION' && row.metric === metric && row.k === 20,
  )?.mean;
}
