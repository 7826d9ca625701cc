/** Hot SQL is in files, one statement each, next to the code that runs it; each file is read
 *  once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const texts = new Map<string, string>();

/** @param folder where the caller keeps its SQL: `join(__dirname, 'sql')` (the build copies *.sql
 *    next to the compiled file)
 *  @param name   the file's name without ending
 *  @throws Error naming the file when there is none */
export function sqlFile(folder: string, name: string): string {
  const path = join(folder, `${name}.sql`);
  let text = texts.get(path);
  if (text === undefined) {
    text = readFileSync(path, 'utf8').trim();
    texts.set(path, text);
  }
  return text;
}
