/** A table of figures and its three output formats. Cells are escaped as each format requires. */

const DECIMALS = 4;

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
  /** `interval`: figures with their bounds, which have separate columns in CSV (`… low`, `…
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
 *    4180. LaTeX requires the packages booktabs and graphicx.
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
      throw new RangeError(`Row ${index}: the column ${header} must have values of kind ${kind}.`);
    }
  });
}

/** GitHub's Markdown.
 *  @returns the title in bold, the table, the notes as paragraphs */
function renderMarkdown({ title, columns, rows, notes }: Table): string {
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

const LATEX_COMMANDS: Readonly<Record<string, string>> = {
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

/** With the rules of the package booktabs, no wider than the line (graphicx).
 *  @returns a `table` environment, to be put in with `\input` */
function renderLatex({ title, columns, rows, notes }: Table): string {
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
      (character) => LATEX_COMMANDS[character] ?? (character === '[' ? '{[}' : `\\${character}`),
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

/** RFC 4180, line feeds alone: full precision, the bounds of an interval in separate columns.
 *  @returns a header line and the rows */
function renderCsv({ columns, rows }: Table): string {
  const header = columns.flatMap(({ header, kind }) =>
    kind === 'interval' ? [header, `${header} low`, `${header} high`] : [header],
  );
  return [header, ...rows.map((row) => row.flatMap((cell, c) => csvFields(cell, columns[c])))]
    .map((fields) => `${fields.map(escapeCsv).join(',')}\n`)
    .join('');
}

function escapeCsv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvFields(cell: Cell, { kind }: Column): string[] {
  if (typeof cell === 'string') return [cell];
  const figures = kind === 'interval' ? [cell?.mean, cell?.ciLow, cell?.ciHigh] : [cell?.mean];
  return figures.map((figure) => (figure === undefined || figure === null ? '' : String(figure)));
}
