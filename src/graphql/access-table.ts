/** Who may call each root field, as the table `schema/access.md`. It follows from the rules; a test
 *  holds the server to it. */
import type { GraphQLField, GraphQLSchema } from 'graphql';
import { admits, ROLES, type Role } from '../request/access-rules';
import { accessOf } from './schema';

/** @returns Markdown, one row a root field, one column a role */
export function printAccessTable(schema: GraphQLSchema): string {
  const rows: string[] = [];
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (!root) continue;
    const fields = Object.values(root.getFields()).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const field of fields)
      rows.push(`| \`${root.name}.${field.name}\` | ${ROLES.map((role) => cell(field, role)).join(' | ')} |`);
  }
  return [
    '<!-- Emitted from src/ by `npm run schema`; do not edit. A test fails when the two differ. -->',
    '# Who may call what',
    '',
    '`own`: for the user whom the key or token is bound to, and who must be the one that the argument in parentheses names.',
    'What the roles are for, and how a caller gets one: [docs/security.md](../docs/security.md).',
    '',
    `| Root field | ${ROLES.join(' | ')} |`,
    `| --- |${' --- |'.repeat(ROLES.length)}`,
    ...rows,
    '',
  ].join('\n');
}

function cell(field: GraphQLField<unknown, unknown>, role: Role): string {
  const admitted = admits(accessOf(field), role);
  return typeof admitted === 'string' ? `own (\`${admitted}\`)` : admitted ? 'yes' : '';
}
