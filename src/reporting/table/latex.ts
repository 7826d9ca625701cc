/** Tables in LaTeX, with the rules of the package booktabs, no wider than the line (graphicx). */
import type { Cell, Column, Table } from '../table';

const DECIMALS = 4;
const COMMANDS: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '–': '--',
  '−': '\\textminus{}',
};

/** @returns a `table` environment, to be put in with `\input` */
export function renderLatex({ title, columns, rows, notes }: Table): string {
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
  return `${[
    '% \\usepackage[T1]{fontenc}, \\usepackage{textcomp,booktabs,graphicx}',
    '\\begin{table}',
    '  \\centering\\footnotesize',
    // LaTeX numbers tables itself.
    `  \\caption{${escapeLatex(title.replace(/^Table \d+: /, ''))}}`,
    '  \\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%',
    `  \\begin{tabular}{${columns.map(({ kind }) => (kind === 'text' ? 'l' : 'r')).join('')}}`,
    '    \\toprule',
    line(columns.map(({ header }) => escapeLatex(header))),
    '    \\midrule',
    ...rows.map((row) => line(row.map((cell, c) => latexCell(cell, columns[c])))),
    '    \\bottomrule',
    '  \\end{tabular}}',
    ...notes.map((note) => `  \\par\\footnotesize ${escapeLatex(note)}`),
    '\\end{table}',
  ].join('\n')}\n`;
}

/** The ten characters that LaTeX has a meaning for, those that its old encodings lack, and line
 *  ends. An opening bracket is wrapped, since at the start of a row it would be the option of the
 *  line break before it. */
export function escapeLatex(text: string): string {
  return text
    .replace(/\r\n?|\n/g, ' ')
    .replace(
      /[\\~^<>|"–−]|[&%$#_{}]|\[/g,
      (character) => COMMANDS[character] ?? (character === '[' ? '{[}' : `\\${character}`),
    );
}

function latexCell(cell: Cell, { kind }: Column): string {
  if (cell === null) return '--';
  if (typeof cell === 'string') return escapeLatex(cell);
  const mean = cell.mean.toFixed(DECIMALS);
  const shown = cell.best ? `\\textbf{${mean}}` : mean;
  if (kind !== 'interval' || cell.ciLow === null || cell.ciHigh === null) return shown;
  return `${shown} (${cell.ciLow.toFixed(DECIMALS)}--${cell.ciHigh.toFixed(DECIMALS)})`;
}
