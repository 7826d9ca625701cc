/** Whether a model is good enough to serve: it must beat popularity (for tags: of the user and the
 *  movie), which costs nothing, on data that it was not tested with. */
import type { MetricRow } from './evaluate';
import type { MetricName } from './metrics';
import { type AnyProtocolName, catalogueOf, PROTOCOLS, TAG_PROTOCOL } from './protocols';

export interface PublicationDecision {
  readonly publish: boolean;
  /** A sentence for the experiment's record, with the figures. */
  readonly note: string;
}

/** @returns the decision against a model that was trained without some users or movies at all; null
 *    for others */
export function refuseIncomplete(protocol: AnyProtocolName): PublicationDecision | null {
  const what = protocol === TAG_PROTOCOL ? undefined : PROTOCOLS[protocol].withholds;
  if (what === undefined) return null;
  return {
    publish: false,
    note: `Not published: ${protocol} holds out all ratings of some ${what}, so the model lacks them.`,
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
    candidate: validationFigure(candidate, protocol, metric),
    reference: validationFigure(popularity, protocol, metric),
  }));
  if (figures.some((figure) => figure.candidate === undefined || figure.reference === undefined)) {
    return {
      publish: false,
      note: 'Not published: no user has enough interactions for validation data.',
    };
  }
  const text = figures
    .map(
      (figure) => `${figure.label} ${figure.candidate!.toFixed(4)} against ${figure.reference!.toFixed(4)}`,
    )
    .join(', ');
  const where = catalogueOf(protocol);
  const reference = protocol === TAG_PROTOCOL ? 'the popular tags of user and movie' : 'popularity';
  const publish = figures.every((figure) => figure.candidate! > figure.reference!);
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
    (row) =>
      row.protocol === protocol && row.split === 'VALIDATION' && row.metric === metric && row.k === 20,
  )?.mean;
}
