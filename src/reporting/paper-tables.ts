/** Tables 1 and 2 of the paper, with our rows. */
import { type MovieSystemName, systemNamed } from '../models/systems';
import { PAPER_CUTOFFS, PAPER_FIGURES } from './paper-figures';
import { overSeeds, type ResultRow, SYSTEM_ROWS, seedsOf } from './results';
import type { Cell, Column, Table } from './table';

const SOURCE =
  'Paper: as printed in its Tables 1 and 2 (Luo et al., "Metric Learning for Tag ' +
  'Recommendation"), MovieLens 1M.';
const PROTOCOL =
  "Ours: each user's last item is held out and ranked among sampled negatives " +
  '(SAMPLED_LAST_ITEM); mean over seeds, in brackets the 95 % ' +
  'interval by bootstrap over users; bold is the best of our runs. The paper does not say how ' +
  'it split the data, nor what it ranked ' +
  'among, so the two columns stand beside each other and not in competition.';
const PRECISION =
  "With one held-out item precision@k is recall@k / k, which is 1/k at most. The paper's " +
  'precision is not its recall / k ' +
  '(its last row has .0752 at 10 beside a recall of .7221): it is printed here as published.';
const ANY_SEED = 'Seeds "any": the system has no randomness, so every seed gives the same figure.';

/** @param results any protocols and metrics; of the sampled protocol's precision and recall the
 *    tables are made. Trainings of one system are averaged, so leave out what should not be
 *  @returns a row for each system that was measured or that the paper has */
export function paperTables(results: readonly ResultRow[]): {
  readonly precision: Table;
  readonly recall: Table;
} {
  const sampled = results.filter(({ protocol }) => protocol === 'SAMPLED_LAST_ITEM');
  return {
    precision: tableOf(sampled, 'precision', 'Table 1: precision at 5, 10 and 20', [PRECISION]),
    recall: tableOf(sampled, 'recall', 'Table 2: recall at 5, 10 and 20', []),
  };
}

function tableOf(
  results: readonly ResultRow[],
  metric: 'precision' | 'recall',
  title: string,
  notes: readonly string[],
): Table {
  const short = metric === 'precision' ? 'Pre' : 'Rec';
  const measured = new Set(results.map(({ algorithm }) => algorithm));
  const systems = SYSTEM_ROWS.map(({ name }) => name).filter(
    (name) => measured.has(name) || PAPER_FIGURES[name] !== undefined,
  );
  const columns: Column[] = [
    { header: 'System', kind: 'text' },
    { header: 'Seeds', kind: 'text' },
    ...PAPER_CUTOFFS.flatMap((k): Column[] => [
      { header: `${short}@${k} paper`, kind: 'figure' },
      { header: `${short}@${k} ours`, kind: 'interval' },
    ]),
  ];
  const best = PAPER_CUTOFFS.map((k) =>
    Math.max(
      ...systems.map(
        (algorithm) =>
          overSeeds(results, { algorithm, protocol: 'SAMPLED_LAST_ITEM', metric, k })?.mean ?? 0,
      ),
    ),
  );
  const rows = systems.map((algorithm): Cell[] => [
    labelOf(algorithm),
    seedsOf(results, algorithm),
    ...PAPER_CUTOFFS.flatMap((k, c): Cell[] => {
      const printed = PAPER_FIGURES[algorithm]?.[metric][c];
      const ours = overSeeds(results, { algorithm, protocol: 'SAMPLED_LAST_ITEM', metric, k });
      return [
        printed === undefined ? null : { mean: printed, ciLow: null, ciHigh: null },
        ours && { ...ours, best: ours.mean === best[c] },
      ];
    }),
  ]);
  const anySeed = [...measured].some((name) => systemNamed(name).seedless) ? [ANY_SEED] : [];
  return { title, columns, rows, notes: [SOURCE, PROTOCOL, ...notes, ...anySeed] };
}

function labelOf(algorithm: MovieSystemName): string {
  const name = PAPER_FIGURES[algorithm]?.name;
  const { label } = systemNamed(algorithm);
  return name === undefined || label.startsWith(name) ? label : `${label}, paper: ${name}`;
}
