/** `npm run dev`: compiles on every change and starts the server again when the code compiles. Settings are those of
 *  `npm start`. While it does not compile, the last build that did keeps running. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, watch } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const SETTLE_MS = 200; // an editor saves several files, and both compilers report
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** @type {import('node:child_process').ChildProcess | undefined} */
let server;
/** @type {NodeJS.Timeout | undefined} */
let timer;
let ending = false;

function startServer() {
  const started = spawn(process.execPath, [join(root, 'bin', 'nearfield.mjs'), 'serve'], {
    stdio: 'inherit',
  });
  started.once('exit', () => {
    if (server === started) server = undefined;
    if (ending) process.exit();
    if (started.killed)
      startServer(); // the data folder is free only now
    else console.log('dev: the server ended; waiting for a change');
  });
  server = started;
}

function restartSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!server) startServer();
    else if (!server.killed) server.kill('SIGTERM');
  }, SETTLE_MS);
}

/** @param {string} project folder of its tsconfig.json */
function compileOnChange(project) {
  const compiler = spawn(process.execPath, [tsc, '-p', project, '--watch', '--preserveWatchOutput'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => compiler.kill());
  compiler.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    process.stdout.write(text);
    if (text.includes('Found 0 errors')) restartSoon();
  });
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    ending = true;
    if (server) server.kill('SIGTERM');
    else process.exit();
  });

await prepare();
compileOnChange(root);
compileOnChange(join(root, 'web'));
watch(join(root, 'src'), { recursive: true, encoding: 'utf8' }, (_, file) => {
  if (!file || !existsSync(join(root, 'src', file))) return;
  if (file.endsWith('.sql')) cpSync(join(root, 'src', file), join(root, 'dist', file));
  else if (file.includes('assembly') && file.endsWith('.ts'))
    execFileSync(process.execPath, [join(root, 'scripts', 'build-kernel.mjs')], { stdio: 'inherit' });
  else return; // tsc watches the rest
  restartSoon();
});
