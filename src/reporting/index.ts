/** The reporting room's door: tables and charts of results. Pure: results in, text and bytes
 *  out. */
export { type Bar, recallBars } from './chart/bars';
export { type PngAssets, svgToPng } from './chart/png';
export { chartSvg } from './chart/svg';
export { fullTable } from './full-table';
export { paperTables } from './paper-tables';
export type { ResultRow } from './result-row';
export {
  type Cell,
  type Column,
  type Figure,
  renderTable,
  TABLE_FORMATS,
  type Table,
  type TableFormat,
} from './table';
