/** All histories, page by page: for what goes through everyone. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import { type HistoryRow, toUserRecord, type UserRecord } from './history-cache';

const SQL = join(__dirname, 'sql');
/** Users read by one statement: some 50,000 ratings. */
const PAGE_USERS = 300;

/** Users who rated anything, by id; requests are answered between two pages. */
export async function* historyPages(database: Database): AsyncGenerator<UserRecord[]> {
  for (let after = 0; ; ) {
    const page = await database.query<HistoryRow>(sqlFile(SQL, 'history-page'), [after, PAGE_USERS]);
    if (page.length > 0) yield page.map(toUserRecord);
    if (page.length < PAGE_USERS) return;
    after = page[page.length - 1].id;
    await nextTurn();
  }
}
