/** The reporting room's door: tables and charts of results. Pure: results in, text and bytes
 *  out. */
export { type Bar, chartSvg, type PngAssets, recallBars, svgToPng } from './chart';
export { fullTable } from './full-table';
export { paperTables } from './paper-tables';
export type { ResultRow } from './results';
export {
  type Cell,
  type Column,
  type Figure,
  renderTable,
  TABLE_FORMATS,
  type Table,
  type TableFormat,
} from './table';
