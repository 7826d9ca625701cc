/** Worker threads run compiled JavaScript: under Jest the caller is a .ts file, so the thread is taken from dist/. */
import { dirname, join, sep } from 'node:path';

/** @param callerFile `__filename` of the module that starts the thread
 *  @param name     the thread's file beside it, without ending
 *  @returns the absolute path of the compiled file */
export function threadFile(callerFile: string, name: string): string {
  const folder = dirname(callerFile);
  const compiled = callerFile.endsWith('.ts') ? folder.replace(`${sep}src${sep}`, `${sep}dist${sep}`) : folder;
  return join(compiled, `${name}.js`);
}
