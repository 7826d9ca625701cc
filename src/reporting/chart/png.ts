/** SVG → PNG by resvg, compiled to WebAssembly: the same file on every system, and no fonts of the
 *  system. */
import { CHART_FONT } from './svg';

/** What the caller reads from where it lies. */
export interface PngAssets {
  /** `@resvg/resvg-wasm/index_bg.wasm` */
  readonly renderer: Uint8Array;
  /** TrueType, CHART_FONT's */
  readonly fonts: readonly Uint8Array[];
}

let started: Promise<void> | undefined;

/** @param scale pixels for each unit of the SVG
 *  @returns the bytes of a PNG file */
export async function svgToPng(svg: string, { renderer, fonts }: PngAssets, scale = 2): Promise<Uint8Array> {
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
