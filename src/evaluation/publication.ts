/** Whether a model is good enough to serve: it must beat popularity, which costs nothing, on data that it was not tested with. */
import type { MetricRow } from './evaluate';
import type { MetricName } from './metrics/metric';

export interface PublicationDecision {
  readonly publish: boolean;
  /** A sentence for the experiment's record, with the figures. */
  readonly note: string;
}

const DECIDING = [
  ['ndcg', 'NDCG@20'],
  ['recall', 'recall@20'],
] as const satisfies readonly (readonly [MetricName, string])[];

/** Strictly better in NDCG@20 and in recall@20, on the validation items in the full catalogue. */
export function beatsPopularity(candidate: readonly MetricRow[], popularity: readonly MetricRow[]): PublicationDecision {
  const figures = DECIDING.map(([metric, label]) => ({
    label,
    own: validationFigure(candidate, metric),
    its: validationFigure(popularity, metric),
  }));
  if (figures.some(({ own, its }) => own === undefined || its === undefined)) {
    return { publish: false, note: 'Not published: nobody has the three interactions that a measurement on validation data needs.' };
  }
  const text = figures.map(({ label, own, its }) => `${label} ${own!.toFixed(4)} against ${its!.toFixed(4)}`).join(', ');
  const publish = figures.every(({ own, its }) => own! > its!);
  return publish
    ? { publish, note: `Beats popularity on the validation data (full catalogue): ${text}.` }
    : { publish, note: `Not published: it does not beat popularity on the validation data (full catalogue): ${text}.` };
}

function validationFigure(rows: readonly MetricRow[], metric: MetricName): number | undefined {
  return rows.find((row) => row.protocol === 'FULL_LAST_ITEM' && row.split === 'VALIDATION' && row.metric === metric && row.k === 20)?.mean;
}
