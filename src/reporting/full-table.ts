/** What the paper does not have: the same systems under the other protocols. */

import { PROTOCOL_NAMES } from '../evaluation/protocols';
import { overSeeds, type ResultRow, SYSTEM_ROWS, seedsOf } from './results';
import type { Cell, Table } from './table';

const FIGURES = [
  ['recall', 10, 'Recall@10'],
  ['recall', 20, 'Recall@20'],
  ['ndcg', 10, 'NDCG@10'],
  ['ndcg', 20, 'NDCG@20'],
] as const;

/** @returns a row for each protocol and system that was measured; the best of each protocol is
 *  bold */
export function fullTable(results: readonly ResultRow[]): Table {
  const protocols = PROTOCOL_NAMES.filter((name) => results.some(({ protocol }) => protocol === name));
  const rows = protocols.flatMap((protocol) => {
    const measured = SYSTEM_ROWS.filter(({ name }) =>
      results.some((row) => row.protocol === protocol && row.algorithm === name),
    );
    const figures = measured.map(({ name: algorithm }) =>
      FIGURES.map(([metric, k]) => overSeeds(results, { algorithm, protocol, metric, k })),
    );
    const best = FIGURES.map((_, c) => Math.max(...figures.map((row) => row[c]?.mean ?? 0)));
    return measured.map(({ name, label }, r): Cell[] => [
      protocol,
      label,
      seedsOf(results, name),
      ...figures[r].map((figure, c): Cell => figure && { ...figure, best: figure.mean === best[c] }),
    ]);
  });
  return {
    title: 'All protocols: recall and NDCG',
    columns: [
      { header: 'Protocol', kind: 'text' },
      { header: 'System', kind: 'text' },
      { header: 'Seeds', kind: 'text' },
      ...FIGURES.map(([, , header]) => ({ header, kind: 'interval' as const })),
    ],
    rows,
    notes: [
      'Mean over seeds, in brackets the 95 % interval by bootstrap over users; bold is the ' +
        'best of its protocol. ' +
        'FULL protocols rank the whole catalogue; what they mean is in docs/evaluation.md.',
    ],
  };
}
