/** What a table holds comes out of each format as it went in. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { escapeLatex, escapeMarkdown, renderTable, type Table } from './table';

const table: Table = {
  title: 'A & B',
  columns: [
    { header: 'System', kind: 'text' },
    { header: 'Paper', kind: 'figure' },
    { header: 'Ours', kind: 'interval' },
  ],
  rows: [
    [
      'a_b',
      { mean: 0.25, ciLow: null, ciHigh: null },
      { mean: 0.123456, ciLow: 0.1, ciHigh: 0.2, best: true },
    ],
    ['c', null, { mean: 0.5, ciLow: null, ciHigh: null }],
  ],
  notes: ['50 % of users.'],
};
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'\\|*_`<>[]~#&$%{}^"–−\n\r ,;'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
});

describe('renderTable', () => {
  it('writes Markdown with aligned figures, intervals and bold', () => {
    expect(renderTable(table, 'MARKDOWN')).toBe(
      [
        '**A \\& B**',
        '',
        '| System | Paper | Ours |',
        '| --- | ---: | ---: |',
        '| a\\_b | 0.2500 | **0.1235** (0.1000–0.2000) |',
        '| c | – | 0.5000 |',
        '',
        '50 % of users.',
        '',
      ].join('\n'),
    );
  });

  it('writes a LaTeX table environment', () => {
    const latex = renderTable(table, 'LATEX');
    expect(latex).toContain('\\caption{A \\& B}');
    expect(latex).toContain(
      '    a\\_b & 0.2500 & \\textbf{0.1235} (0.1000--0.2000) \\\\\n    c & -- & 0.5000 \\\\\n',
    );
    expect(latex).toContain('\\par\\footnotesize 50 \\% of users.');
    expect(latex.match(/\\begin\{(\w+)\}/g)).toHaveLength(2);
    expect(latex.match(/\\end\{(\w+)\}/g)).toHaveLength(2);
    expect(latex).toMatch(
      /\\resizebox\{[^\n]+\}\{!\}\{%\n {2}\\begin\{tabular\}\{lrr\}[\s\S]+\\end\{tabular\}\}\n/,
    );
    expect(renderTable({ ...table, title: 'Table 2: recall' }, 'LATEX')).toContain('\\caption{recall}');
  });

  it('writes CSV with full figures and the bounds in columns of their own', () => {
    expect(renderTable(table, 'CSV')).toBe(
      'System,Paper,Ours,Ours low,Ours high\na_b,0.25,0.123456,0.1,0.2\nc,,0.5,,\n',
    );
  });

  it('refuses rows that do not fit the columns', () => {
    expect(() => renderTable({ ...table, rows: [['a']] }, 'CSV')).toThrow(
      'Row 0 has 1 cells for 3 columns.',
    );
    expect(() => renderTable({ ...table, rows: [['a', 'b', null]] }, 'CSV')).toThrow(
      'Row 0: the column Paper must have values of kind figure.',
    );
  });

  it('CSV gives any text back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (cells) => {
        const rows = cells.map(([a, b]) => [a, b]);
        const columns = ['x', 'y'].map((header) => ({ header, kind: 'text' as const }));
        const parsed: unknown = parse(renderTable({ title: '', columns, rows, notes: [] }, 'CSV'), {
          record_delimiter: '\n',
          relax_column_count: false,
        });
        expect(parsed).toEqual([['x', 'y'], ...rows]);
      }),
    );
  });

  it('Markdown keeps any text in its cell, with no markup left in it', () => {
    fc.assert(
      fc.property(text, (cell) => {
        const escaped = escapeMarkdown(cell);
        expect(escaped).not.toMatch(/[\r\n]/);
        // Escaped punctuation taken out, no character of markup is left.
        expect(escaped.replace(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[\\|*_`<>[\]~#&$]/);
        expect(escaped.replace(/\\([!-/:-@[-`{-~])/g, '$1')).toBe(cell.replace(/\r\n?|\n/g, ' '));
      }),
    );
  });

  it('LaTeX keeps any text in its cell, with no character that means something to it', () => {
    fc.assert(
      fc.property(text, (cell) => {
        const escaped = escapeLatex(cell);
        const rest = escaped.replace(/\\text\w+\{\}|\\[&%$#_{}]|\{\[\}/g, '');
        expect(rest).not.toMatch(/[\\&%$#_{}~^<>|"[\r\n]/);
      }),
    );
  });
});
