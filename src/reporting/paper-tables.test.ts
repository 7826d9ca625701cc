/** The paper's rows, ours beside them, and what several seeds become. */

import { row } from '../../test/fixtures/result-row';
import { fullTable } from './full-table';
import { PAPER_FIGURES } from './paper-figures';
import { paperTables } from './paper-tables';
import { overSeeds, SYSTEM_ROWS } from './results';
import type { Figure, Table } from './table';

const cell = (table: Table, system: string, header: string) => {
  const line = table.rows.find(([name]) => String(name).startsWith(system));
  return line?.[table.columns.findIndex((column) => column.header === header)];
};

describe('paperTables', () => {
  it('has every row of the paper without a single result', () => {
    const { precision, recall } = paperTables([]);
    for (const table of [precision, recall])
      expect(table.rows).toHaveLength(Object.keys(PAPER_FIGURES).length);
    expect(cell(precision, 'CF', 'Pre@5 paper')).toMatchObject({ mean: 0.0411 });
    expect(cell(recall, 'Ours', 'Rec@20 paper')).toMatchObject({ mean: 0.8755 });
    expect(cell(recall, 'Ours', 'Rec@20 ours')).toBeNull();
  });

  it('puts the mean over seeds beside them, and the best of ours in bold', () => {
    const results = [
      row({ algorithm: 'TWO_TOWER', mean: 0.8, ciLow: 0.7, ciHigh: 0.9, seed: 1 }),
      row({ algorithm: 'TWO_TOWER', mean: 0.9, ciLow: 0.8, ciHigh: 1, seed: 2 }),
      row({ algorithm: 'EASE', mean: 0.7, ciLow: 0.6, ciHigh: 0.8 }),
      // Must not be looked at: another protocol, another metric.
      row({ algorithm: 'EASE', protocol: 'FULL_LAST_ITEM', mean: 0.99 }),
      row({ algorithm: 'EASE', metric: 'ndcg', mean: 0.99 }),
    ];
    const { recall } = paperTables(results);
    const ours = cell(recall, 'Ours', 'Rec@10 ours') as Figure;
    expect(ours.mean).toBeCloseTo(0.85);
    expect(ours.ciLow).toBeCloseTo(0.75);
    expect(ours.ciHigh).toBeCloseTo(0.95);
    expect(ours.best).toBe(true);
    expect(cell(recall, 'Ours', 'Seeds')).toBe('2');
    expect(cell(recall, 'EASE', 'Rec@10 ours')).toMatchObject({ mean: 0.7, best: false });
    expect(cell(recall, 'EASE', 'Seeds')).toBe('any');
    expect(recall.notes.join()).toContain('no randomness');
  });

  it("reports the paper's precision as printed, which is not its recall / k", () => {
    const { precision } = paperTables([]);
    const { precision: printed, recall } = PAPER_FIGURES.TWO_TOWER!;
    expect(printed[1]).not.toBeCloseTo(recall[1] / 10, 3);
    expect(precision.notes.join()).toContain('printed here as published');
  });

  it('has ours last, as the paper does', () => {
    expect(SYSTEM_ROWS.at(-1)?.name).toBe('TWO_TOWER');
  });
});

describe('overSeeds', () => {
  it('keeps the spread, and has no interval where a training has none', () => {
    const rows = [
      row({ metric: 'coverage', mean: 0.2, ciLow: null, ciHigh: null }),
      row({ metric: 'coverage', mean: 0.4, seed: 2 }),
    ];
    const figure = overSeeds(rows, {
      algorithm: 'EASE',
      protocol: 'SAMPLED_LAST_ITEM',
      metric: 'coverage',
      k: 10,
    });
    expect(figure).toMatchObject({ trainings: 2, lowest: 0.2, highest: 0.4, ciLow: null, ciHigh: null });
    expect(figure!.mean).toBeCloseTo(0.3);
  });
});

describe('fullTable', () => {
  it('has a row for each protocol and system, best of each protocol in bold', () => {
    const { rows } = fullTable([
      row({ protocol: 'FULL_LAST_ITEM', mean: 0.1 }),
      row({ protocol: 'FULL_LAST_ITEM', algorithm: 'POPULARITY', mean: 0.05 }),
      row({ protocol: 'NEW_USERS', algorithm: 'POPULARITY', mean: 0.04 }),
    ]);
    expect(rows.map(([protocol, system]) => `${protocol} ${system}`)).toEqual([
      'FULL_LAST_ITEM Popularity',
      'FULL_LAST_ITEM EASE',
      'NEW_USERS Popularity',
    ]);
    expect(rows.map((line) => (line[3] as Figure).best)).toEqual([false, true, true]);
    expect(rows[0][4]).toBeNull();
  });
});
