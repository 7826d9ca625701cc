/** Tables in GitHub's Markdown. */
import type { Cell, Column, Table } from '../table';

const DECIMALS = 4;

/** @returns the title in bold, the table, the notes as paragraphs */
export function renderMarkdown({ title, columns, rows, notes }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [
    line(columns.map(({ header }) => escapeMarkdown(header))),
    line(columns.map(({ kind }) => (kind === 'text' ? '---' : '---:'))),
    ...rows.map((row) => line(row.map((cell, c) => markdownCell(cell, columns[c])))),
  ];
  return `${[`**${escapeMarkdown(title)}**`, lines.join('\n'), ...notes.map(escapeMarkdown)].join('\n\n')}\n`;
}

/** Every character that Markdown could take for markup is escaped by a backslash, which GFM allows
 *  for ASCII punctuation; a line end would end the row. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\r\n?|\n/g, ' ').replace(/[\\|*_`<>[\]~#&$]/g, '\\$&');
}

function markdownCell(cell: Cell, { kind }: Column): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return escapeMarkdown(cell);
  const mean = cell.mean.toFixed(DECIMALS);
  const shown = cell.best ? `**${mean}**` : mean;
  if (kind !== 'interval' || cell.ciLow === null || cell.ciHigh === null) return shown;
  return `${shown} (${cell.ciLow.toFixed(DECIMALS)}–${cell.ciHigh.toFixed(DECIMALS)})`;
}
