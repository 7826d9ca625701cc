import type { MetricRow } from './evaluate';
import { beatsPopularity, refuseIncomplete } from './publication';

const rowsOf = (ndcg: number, recall: number): MetricRow[] => {
  const base = {
    protocol: 'FULL_LAST_ITEM',
    split: 'VALIDATION',
    k: 20,
    ciLow: null,
    ciHigh: null,
    users: 9,
  } as const;
  return [
    // Must not be looked at: another split, protocol or cut-off.
    { ...base, split: 'TEST', metric: 'ndcg', mean: 0.99 },
    { ...base, protocol: 'SAMPLED_LAST_ITEM', metric: 'ndcg', mean: 0.99 },
    { ...base, k: 10, metric: 'recall', mean: 0.99 },
    { ...base, metric: 'ndcg', mean: ndcg },
    { ...base, metric: 'recall', mean: recall },
  ];
};

describe('beatsPopularity', () => {
  const popularity = rowsOf(0.03, 0.07);

  it('publishes what is better in both figures, and says them', () => {
    expect(beatsPopularity(rowsOf(0.14, 0.36), popularity)).toEqual({
      publish: true,
      note: 'Beats popularity on the validation data (full catalogue): NDCG@20 0.1400 against 0.0300, recall@20 0.3600 against 0.0700.',
    });
  });

  it.each([
    [0.14, 0.07],
    [0.03, 0.36],
    [0.03, 0.07],
    [0.01, 0.02],
  ])('does not publish NDCG@20 %d with recall@20 %d', (ndcg, recall) => {
    const { publish, note } = beatsPopularity(rowsOf(ndcg, recall), popularity);
    expect(publish).toBe(false);
    expect(note).toContain(`NDCG@20 ${ndcg.toFixed(4)} against 0.0300`);
    expect(note).toContain(`recall@20 ${recall.toFixed(4)} against 0.0700`);
  });

  it('decides by the protocol of the split, and names it', () => {
    const under = (rows: MetricRow[]) =>
      rows.slice(2).map((row) => ({ ...row, protocol: 'TIME_SPLIT' as const }));
    const [better, its] = [under(rowsOf(0.14, 0.36)), under(popularity)];
    expect(beatsPopularity(better, its, 'TIME_SPLIT').note).toMatch(
      /^Beats popularity on the validation data \(TIME_SPLIT\): NDCG@20 0\.1400/,
    );
    expect(beatsPopularity(better, its, 'FULL_LAST_ITEM').publish).toBe(false);
  });

  it('does not publish without a measurement', () => {
    expect(beatsPopularity([], popularity)).toMatchObject({ publish: false });
    expect(beatsPopularity(rowsOf(1, 1), [])).toMatchObject({ publish: false });
  });
});

it.each(['NEW_USERS', 'COLD_ITEMS'] as const)(
  'keeps a model of %s out of service: it lacks ratings',
  (protocol) => {
    expect(refuseIncomplete(protocol)).toMatchObject({
      publish: false,
      note: expect.stringContaining(protocol),
    });
  },
);

it.each(['FULL_LAST_ITEM', 'FULL_HOLDOUT', 'TIME_SPLIT'] as const)(
  'has nothing against %s, which keeps something of everyone',
  (protocol) => {
    expect(refuseIncomplete(protocol)).toBeNull();
  },
);
