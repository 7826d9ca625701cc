/** The renderer and the fonts that the chart's PNG is made with, from their packages. */
import { readFile } from 'node:fs/promises';
import type { PngAssets } from '../reporting';

const FONTS = ['DejaVuSans', 'DejaVuSans-Bold'];

export async function readChartAssets(): Promise<PngAssets> {
  const [renderer, ...fonts] = await Promise.all(
    ['@resvg/resvg-wasm/index_bg.wasm', ...FONTS.map((name) => `dejavu-fonts-ttf/ttf/${name}.ttf`)].map(
      (file) => readFile(require.resolve(file)),
    ),
  );
  return { renderer, fonts };
}
