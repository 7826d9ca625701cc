/** Public interface of reporting: tables and charts of results. Pure functions from results to text
 *  and bytes. */
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
