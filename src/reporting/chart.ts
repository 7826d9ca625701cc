/** The bar chart of the paper's recall and ours, as SVG by Apache ECharts' renderer (no browser, no
 *  canvas), and as PNG. */
import type { CustomSeriesOption, EChartsOption, SeriesOption } from 'echarts';
import type { MovieSystemName } from '../models/systems';
import { PAPER_CUTOFFS, PAPER_FIGURES } from './paper-figures';
import { overSeeds, type ResultRow, SYSTEM_ROWS } from './results';

export const CHART_WIDTH = 1_120;
export const CHART_HEIGHT = 960;
/** DejaVu descends from Verdana's metrics, so text stays where it was set when a viewer has only
 *  the latter. */
export const CHART_FONT = 'DejaVu Sans';
// Without quotes, which ECharts would put unescaped into an attribute.
const FONTS = `${CHART_FONT}, Verdana, sans-serif`;
/** From the left, since the width of the text is only estimated before a font is chosen. */
const LEGEND_LEFT = 800;
const TOP = 92;
const PANEL = 240;
const GAP = 30;
const COLOURS = {
  PAPER: '#a9b1bd',
  OURS: '#2f6fd6',
  TEXT: '#1f2937',
  FAINT: '#e5e7eb',
  WHISKER: '#12305f',
} as const;
/** Half the width of a whisker's end. */
const CAP = 4;
const BAR_LAYOUT = { barMaxWidth: 30, barGap: '8%', barCategoryGap: '22%' } as const;
const NAMES = { PAPER: 'paper, as printed', OURS: 'Nearfield, with 95 % interval over users' } as const;

export interface Bar {
  readonly algorithm: MovieSystemName;
  readonly system: string;
  readonly k: number;
  readonly source: 'PAPER' | 'OURS';
  /** Recall, 0 to 1 */
  readonly mean: number;
  /** 95 %; null where there is none */
  readonly low: number | null;
  readonly high: number | null;
}

/** Recall under SAMPLED_LAST_ITEM at the paper's cut-offs, systems in the order of the tables.
 *  @returns for each system and cut-off the paper's bar where it has one, and ours where it was
 *    measured */
export function recallBars(results: readonly ResultRow[]): Bar[] {
  return SYSTEM_ROWS.flatMap(({ name: algorithm, label: system }) =>
    PAPER_CUTOFFS.flatMap((k, c): Bar[] => {
      const printed = PAPER_FIGURES[algorithm]?.recall[c];
      const ours = overSeeds(results, { algorithm, protocol: 'SAMPLED_LAST_ITEM', metric: 'recall', k });
      return [
        ...(printed === undefined
          ? []
          : [{ algorithm, system, k, source: 'PAPER' as const, mean: printed, low: null, high: null }]),
        ...(ours === null
          ? []
          : [
              {
                algorithm,
                system,
                k,
                source: 'OURS' as const,
                mean: ours.mean,
                low: ours.ciLow,
                high: ours.ciHigh,
              },
            ]),
      ];
    }),
  );
}

/** One panel a cut-off, one pair of bars a system.
 *  @param results any; see recallBars
 *  @returns an SVG document of CHART_WIDTH x CHART_HEIGHT */
export function chartSvg(results: readonly ResultRow[]): string {
  // Loaded when it is asked for: a server that draws nothing does not pay for it.
  const echarts = require('echarts') as typeof import('echarts');
  const chart = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: CHART_WIDTH,
    height: CHART_HEIGHT,
  });
  try {
    chart.setOption(optionOf(recallBars(results)));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function optionOf(bars: readonly Bar[]): EChartsOption {
  const systems = [...new Set(bars.map(({ system }) => system))];
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONTS, color: COLOURS.TEXT },
    title: {
      text: 'Recall at 5, 10 and 20',
      subtext: "Each user's last item among sampled negatives (SAMPLED_LAST_ITEM), mean over seeds",
      left: 48,
      top: 14,
      textStyle: { fontSize: 19, fontFamily: FONTS, color: COLOURS.TEXT },
      subtextStyle: { fontSize: 12, fontFamily: FONTS, color: '#4b5563' },
    },
    legend: {
      left: LEGEND_LEFT,
      top: 20,
      orient: 'vertical',
      itemGap: 6,
      textStyle: { fontSize: 12, fontFamily: FONTS },
      data: [NAMES.PAPER, NAMES.OURS],
    },
    grid: PAPER_CUTOFFS.map((_, panel) => ({
      left: 64,
      right: 28,
      top: TOP + panel * (PANEL + GAP),
      height: PANEL,
    })),
    xAxis: PAPER_CUTOFFS.map((_, panel) => ({
      type: 'category' as const,
      gridIndex: panel,
      data: systems,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: '#9ca3af' } },
      axisLabel: {
        show: panel === PAPER_CUTOFFS.length - 1,
        interval: 0,
        fontSize: 11,
        lineHeight: 14,
        color: COLOURS.TEXT,
        formatter: (name: string) => name.replace(' (', '\n('),
      },
    })),
    yAxis: PAPER_CUTOFFS.map((k, panel) => ({
      type: 'value' as const,
      gridIndex: panel,
      min: 0,
      max: 1,
      interval: 0.25,
      name: `recall@${k}`,
      nameLocation: 'middle' as const,
      nameGap: 42,
      nameTextStyle: { fontSize: 13, fontWeight: 'bold' as const, color: COLOURS.TEXT },
      axisLabel: { fontSize: 11, color: '#4b5563' },
      splitLine: { lineStyle: { color: COLOURS.FAINT } },
    })),
    series: seriesOf(bars, systems),
  };
}

function seriesOf(bars: readonly Bar[], systems: readonly string[]): SeriesOption[] {
  return PAPER_CUTOFFS.flatMap((k, panel) => {
    const of = (source: Bar['source'], system: string) =>
      bars.find((bar) => bar.k === k && bar.source === source && bar.system === system);
    const axes = { xAxisIndex: panel, yAxisIndex: panel };
    const series = (['PAPER', 'OURS'] as const).map((source) => ({
      ...axes,
      type: 'bar' as const,
      name: NAMES[source],
      data: systems.map((system) => of(source, system)?.mean ?? '-'),
      itemStyle: { color: COLOURS[source] },
      ...BAR_LAYOUT,
      label: {
        show: true,
        position: 'insideTop' as const,
        rotate: 90,
        align: 'right' as const,
        verticalAlign: 'middle' as const,
        distance: 14,
        fontSize: 11,
        color: source === 'OURS' ? '#ffffff' : COLOURS.TEXT,
        formatter: ({ value }: { value?: unknown }) => (typeof value === 'number' ? value.toFixed(3) : ''),
      },
    }));
    return [...series, { ...axes, ...whiskers(systems.map((system) => of('OURS', system))) }];
  });
}

/** The interval of our bar, which is the second of two. */
function whiskers(bars: readonly (Bar | undefined)[]): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    z: 5,
    encode: { x: 0, y: [1, 2] },
    data: bars.map((bar, at) => [at, bar?.low ?? Number.NaN, bar?.high ?? Number.NaN]),
    renderItem(_, api) {
      const [low, high] = [Number(api.value(1)), Number(api.value(2))];
      if (!(low <= high)) return null;
      const ours = api.barLayout({ ...BAR_LAYOUT, count: 2 })?.[1];
      const x = api.coord([api.value(0), low])[0] + (ours?.offsetCenter ?? 0);
      const [bottom, top] = [api.coord([0, low])[1], api.coord([0, high])[1]];
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: { stroke: COLOURS.WHISKER, lineWidth: 1.2 },
      });
      return {
        type: 'group',
        children: [line(x, bottom, x, top), ...[bottom, top].map((y) => line(x - CAP, y, x + CAP, y))],
      };
    },
  };
}

/** Files that the caller has read. */
export interface PngAssets {
  /** `@resvg/resvg-wasm/index_bg.wasm` */
  readonly renderer: Uint8Array;
  /** TrueType, CHART_FONT's */
  readonly fonts: readonly Uint8Array[];
}

let started: Promise<void> | undefined;

/** By resvg, compiled to WebAssembly: the same file on every system, and no fonts of the system.
 *  @param scale pixels for each unit of the SVG
 *  @returns the bytes of a PNG file */
export async function svgToPng(
  svg: string,
  { renderer, fonts }: PngAssets,
  scale = 2,
): Promise<Uint8Array> {
  const { initWasm, Resvg } = require('@resvg/resvg-wasm') as typeof import('@resvg/resvg-wasm');
  // The module allows one initialisation a process.
  started ??= initWasm(new WebAssembly.Module(new Uint8Array(renderer)));
  await started;
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { fontBuffers: [...fonts], defaultFontFamily: CHART_FONT, sansSerifFamily: CHART_FONT },
  });
  try {
    return image.render().asPng();
  } finally {
    image.free();
  }
}
