/** A table of figures, and its three ways onto paper. What a cell holds is escaped as each format
 *  asks for. */
import { renderCsv } from './table/csv';
import { renderLatex } from './table/latex';
import { renderMarkdown } from './table/markdown';

export const TABLE_FORMATS = ['MARKDOWN', 'LATEX', 'CSV'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export interface Figure {
  readonly mean: number;
  /** 95 %; null where there is none */
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** Set in bold (not in CSV). */
  readonly best?: boolean;
}

/** Text in a text column, a figure in a figure column; null: nothing was measured. */
export type Cell = string | Figure | null;

export interface Column {
  readonly header: string;
  /** `interval`: figures with their bounds, which CSV gives columns of their own (`… low`, `…
   *  high`). */
  readonly kind: 'text' | 'figure' | 'interval';
}

export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  /** Each as long as `columns` */
  readonly rows: readonly (readonly Cell[])[];
  /** Sentences below the table; CSV, which is for machines, has neither them nor the title. */
  readonly notes: readonly string[];
}

/** @returns text that ends in a line feed. Figures have 4 decimals; CSV has all of them, by RFC
 *    4180. LaTeX wants the packages booktabs and graphicx.
 *  @throws RangeError for a row that does not fit the columns */
export function renderTable(table: Table, format: TableFormat): string {
  for (const [index, row] of table.rows.entries()) checkRow(table, row, index);
  if (format === 'MARKDOWN') return renderMarkdown(table);
  return format === 'LATEX' ? renderLatex(table) : renderCsv(table);
}

function checkRow({ columns }: Table, row: readonly Cell[], index: number): void {
  if (row.length !== columns.length)
    throw new RangeError(`Row ${index} has ${row.length} cells for ${columns.length} columns.`);
  row.forEach((cell, c) => {
    const { kind, header } = columns[c];
    if (cell !== null && (typeof cell === 'string') !== (kind === 'text')) {
      throw new RangeError(`Row ${index}: the column ${header} is of ${kind}.`);
    }
  });
}
