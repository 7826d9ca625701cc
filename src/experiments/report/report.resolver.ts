/** Reports over GraphQL. */
import { Arg, Authorized, ID, Query, Resolver, registerEnumType } from 'type-graphql';
import type { TableFormat } from '../../reporting/table';
import { parseId } from '../../request/parameters';
import { ReportService } from './report-service';

export const ReportFormat = { MARKDOWN: 'MARKDOWN', LATEX: 'LATEX', CSV: 'CSV' } as const satisfies {
  [Format in TableFormat]: Format;
};
registerEnumType(ReportFormat, {
  name: 'ReportFormat',
  description: 'How tables are written.',
  valuesConfig: {
    MARKDOWN: { description: 'A pipe table with its title and notes.' },
    LATEX: { description: 'A table environment; wants the packages booktabs and graphicx.' },
    CSV: {
      description:
        'Comma-separated values (RFC 4180) in full precision; interval bounds have columns of their own.',
    },
  },
});

export const ReportTable = { PRECISION: 'PRECISION', RECALL: 'RECALL' } as const;
export type ReportTable = keyof typeof ReportTable;
registerEnumType(ReportTable, {
  name: 'ReportTable',
  description: "The paper's tables.",
  valuesConfig: {
    PRECISION: { description: 'Table 1: precision at 5, 10 and 20.' },
    RECALL: { description: 'Table 2: recall at 5, 10 and 20.' },
  },
});

/** Price for the limit on the cost of a query. */
const REPORT_COST = 200;

@Resolver()
export class ReportResolver {
  constructor(private readonly reports: ReportService) {}

  @Authorized('ANALYST')
  @Query(() => String, {
    complexity: REPORT_COST,
    description:
      "The paper's tables with its rows beside those of the experiments, which share their data; one row a system, averaged over its seeds, with 95 % intervals.",
  })
  async report(
    @Arg('experimentIds', () => [ID], {
      description: 'Finished experiments on the same data: one system of each algorithm, each seed once.',
    })
    experimentIds: string[],
    @Arg('format', () => ReportFormat, {
      defaultValue: 'MARKDOWN',
      description: 'How the tables are written.',
    })
    format: TableFormat,
    @Arg('table', () => ReportTable, {
      nullable: true,
      description: 'Only this table; both, with a blank line between them, without it.',
    })
    table: ReportTable | null,
  ): Promise<string> {
    const ids = experimentIds.map((id) => parseId('experimentIds', id));
    const { precision, recall } = await this.reports.paperTables(ids, format);
    if (table === 'PRECISION') return precision;
    return table === 'RECALL' ? recall : `${precision}\n${recall}`;
  }
}
