/** One bar for each system, cut-off and source; the PNG has them, and its text. */
import { readFileSync } from 'node:fs';
import { row } from '../../test/fixtures/result-row';
import { CHART_HEIGHT, CHART_WIDTH, chartSvg, recallBars, svgToPng } from './chart';
import { PAPER_CUTOFFS, PAPER_FIGURES } from './paper-figures';

const results = (['EASE', 'TWO_TOWER'] as const).flatMap((algorithm) =>
  PAPER_CUTOFFS.map((k) =>
    row({ algorithm, k, mean: 0.5 + k / 100, ciLow: 0.45 + k / 100, ciHigh: 0.55 + k / 100 }),
  ),
);
const papers = Object.keys(PAPER_FIGURES).length;
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

describe('the chart', () => {
  it('has a bar for each system and cut-off, from each source that has it', () => {
    const bars = recallBars(results);
    const keys = bars.map(({ algorithm, k, source }) => `${algorithm} ${k} ${source}`);
    expect(new Set(keys).size).toBe(bars.length);
    expect(bars.filter(({ source }) => source === 'PAPER')).toHaveLength(papers * 3);
    expect(bars.filter(({ source }) => source === 'OURS')).toHaveLength(2 * 3);
    expect(
      bars.find(({ algorithm, k, source }) => algorithm === 'EASE' && k === 20 && source === 'OURS'),
    ).toMatchObject({
      mean: 0.7,
      low: 0.65,
      high: 0.75,
    });
  });

  it('draws them all, with the names of the systems and the values', () => {
    const svg = chartSvg(results);
    // The legend has one of each colour, too.
    expect(count(svg, /fill="#2f6fd6"/g)).toBe(2 * 3 + 1);
    expect(count(svg, /fill="#a9b1bd"/g)).toBe(papers * 3 + 1);
    expect(count(svg, /stroke="#12305f"/g)).toBe(2 * 3 * 3);
    for (const text of ['EASE', 'ATF', '(metric tower)', '0.700', '0.572', 'recall@20'])
      expect(svg).toContain(text);
  });

  it('becomes a PNG whose text is there', async () => {
    const renderer = readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm'));
    const font = readFileSync(require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
    const svg = chartSvg(results);
    const png = Buffer.from(await svgToPng(svg, { renderer, fonts: [font] }, 1));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([CHART_WIDTH, CHART_HEIGHT]);
    const withoutFont = await svgToPng(svg, { renderer, fonts: [] }, 1);
    expect(png.length).toBeGreaterThan(1.2 * withoutFont.length);
  });
});
