/** Worker threads run compiled JavaScript: under Jest the caller is a .ts file, so the thread is
 *  taken from dist/. */
import { dirname, join, sep } from 'node:path';

/** @param callerFile `__filename` of the module that starts the thread
 *  @param name     the thread's file in the same folder, without extension
 *  @returns the absolute path of the compiled file */
export function threadFile(callerFile: string, name: string): string {
  return join(compiledFolder(callerFile), `${name}.js`);
}

/** @returns the folder of a module as it is in dist/, also where the module itself runs in src/ */
export function compiledFolder(callerFile: string): string {
  const folder = dirname(callerFile);
  if (!callerFile.endsWith('.ts')) return folder;
  const within = `${folder}${sep}`;
  const root = within.lastIndexOf(`${sep}src${sep}`); // the last: the checkout may lie in a folder of that name
  return join(within.slice(0, root), 'dist', within.slice(root + 5));
}
