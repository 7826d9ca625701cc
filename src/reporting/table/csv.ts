/** Tables in CSV (RFC 4180, line feeds alone): figures in full, the bounds of an interval in
 *  columns of their own. */
import type { Cell, Column, Table } from '../table';

/** @returns a header line and the rows */
export function renderCsv({ columns, rows }: Table): string {
  const header = columns.flatMap(({ header, kind }) =>
    kind === 'interval' ? [header, `${header} low`, `${header} high`] : [header],
  );
  return [header, ...rows.map((row) => row.flatMap((cell, c) => csvFields(cell, columns[c])))]
    .map((fields) => `${fields.map(escapeCsv).join(',')}\n`)
    .join('');
}

export function escapeCsv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvFields(cell: Cell, { kind }: Column): string[] {
  if (typeof cell === 'string') return [cell];
  const figures = kind === 'interval' ? [cell?.mean, cell?.ciLow, cell?.ciHigh] : [cell?.mean];
  return figures.map((figure) => (figure === undefined || figure === null ? '' : String(figure)));
}
