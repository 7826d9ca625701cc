/** `recommendations(k: 10)` with titles over HTTP, beside the same Apollo server with a static
 *  answer, in turns within one run.
 *  node bench/serving.mjs [seconds a round] [dimensions]
 *  Writes bench/results/serving.md. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const SECONDS = Number(process.argv[2] ?? 5);
const DIMENSIONS = process.argv[3] ?? '64';
const ROUNDS = 4;
const CONNECTIONS = 16;
const USERS = 610;
const WARM_UP = 10_000;
const QUERY =
  'query ($userId: ID!, $k: Int! = 10) { recommendations(userId: $userId, k: $k) { rank distance movie { title } } }';

async function start(kind) {
  const child = fork(fileURLToPath(new URL('support/serving-child.mjs', import.meta.url)), [
    kind,
    DIMENSIONS,
  ]);
  const [{ url }] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`The ${kind} server ended.`))),
  ]);
  return { kind, child, url, rounds: [] };
}

async function ask(server, message) {
  server.child.send(message);
  const [answer] = await once(server.child, 'message');
  return answer;
}

/** Every user in turn, each connection from another one on. The service keeps a user's last list:
 *  `again` asks for it, while `anew` makes it useless, since each connection wants another k (3 to
 *  18, 10.5 on average), so every list is ranked when it is asked for. */
function load(server, length) {
  let connection = 0;
  const body = (i, k) => JSON.stringify({ query: QUERY, variables: { userId: String(i + 1), k } });
  const setupClient = (client) => {
    const c = connection++;
    const k = server.kind === 'anew' ? 3 + c : 10;
    const users = Array.from({ length: USERS }, (_, i) => (i + c * Math.floor(USERS / CONNECTIONS)) % USERS);
    client.setRequests(
      users.map((i) => ({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body(i, k),
      })),
    );
  };
  return autocannon({ url: server.url, connections: CONNECTIONS, ...length, setupClient });
}

async function round(server) {
  const before = await ask(server, 'cpu');
  const result = await load(server, { duration: SECONDS });
  const after = await ask(server, 'cpu');
  if (result.non2xx || result.errors)
    throw new Error(`${server.kind}: ${result.non2xx} answers were no 200, ${result.errors} failed.`);
  const total = result['2xx'];
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  server.rounds.push({
    perSecond: total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpu: cpu / total,
    rss: after.rss / 2 ** 20,
  });
}

function median(server, figure) {
  const values = server.rounds.map((it) => it[figure]).sort((a, b) => a - b);
  return (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2;
}

async function example(server) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, variables: { userId: '42' } }),
  });
  const { data, errors } = await response.json();
  if (errors || data.recommendations.length !== 10)
    throw new Error(`${server.kind} answers ${JSON.stringify(errors ?? data)}.`);
}

const [live, fixed] = await Promise.all([start('live'), start('static')]);
const again = { ...live, kind: 'again', rounds: [] };
const anew = { ...live, kind: 'anew', rounds: [] };
const servers = [again, anew, fixed];
try {
  for (const server of servers) await example(server);
  for (const server of servers) await load(server, { amount: WARM_UP }); // the compiler's warm-up; the histories are read here
  for (let i = 0; i < ROUNDS; i++)
    for (const server of i % 2 === 0 ? servers : [...servers].reverse()) await round(server);
} finally {
  for (const { child } of servers) child.connected && child.send('stop');
}
const row = (name, server) =>
  `| ${name} | ${median(server, 'perSecond').toFixed(0)} | ${median(server, 'p50').toFixed(1)} | ${median(server, 'p99').toFixed(1)} | ${median(server, 'cpu').toFixed(0)} | ${median(server, 'rss').toFixed(0)} |`;
const ratios = (server) =>
  `${(median(server, 'perSecond') / median(fixed, 'perSecond')).toFixed(2)} of its requests per second, ${(median(fixed, 'cpu') / median(server, 'cpu')).toFixed(2)} by CPU a request`;
const report = `# Serving \`recommendations(k: 10) { rank distance movie { title } }\`

\`node bench/serving.mjs ${SECONDS} ${DIMENSIONS}\`: ml-latest-small (9,742 movies × ${DIMENSIONS}, 610 users in turn, an untrained tower), embedded database,
${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s each in turns, medians. The client runs on the same machine.
Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}.

| server | requests/s | p50, ms | p99, ms | CPU a request, µs | memory, MiB |
| --- | --- | --- | --- | --- | --- |
${row('Nearfield, the list asked for before', again)}
${row('Nearfield, every list ranked anew', anew)}
${row('the same server, static answer', fixed)}

Against the static answer (goal: 0.8): ${ratios(again)} for a list asked for before; ${ratios(anew)} when every list is ranked anew.
`;
console.log(report);
mkdirSync(new URL('results/', import.meta.url), { recursive: true });
writeFileSync(new URL('results/serving.md', import.meta.url), report);
