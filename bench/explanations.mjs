/** What explanations add to `recommendations(k: 10)` over HTTP: with and without, in turns within
 *  one run, on the same server and model.
 *  node bench/explanations.mjs [seconds a round] [file of the trained tower]
 *  Writes bench/results/explanations.md. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const SECONDS = Number(process.argv[2] ?? 5);
const MODEL = process.argv[3] ?? join(tmpdir(), 'nearfield-bench-tower.nfa');
const ROUNDS = 4;
const CONNECTIONS = 16;
const USERS = 610;
const WARM_UP = 4_000;
/** How often within a round every user asks for a first list. */
const FIRST_TIMES = 3;
const EXPLANATION =
  'explanation { nearestRated { movie { title } stars distance contribution } nearTags { tag { name } distance } distancePercentile }';
const queryOf = (fields) =>
  `query ($userId: ID!, $k: Int! = 10) { recommendations(userId: $userId, k: $k) { rank distance movie { title } ${fields} } }`;

const child = fork(fileURLToPath(new URL('support/serving-child.mjs', import.meta.url)), [
  'live',
  '64',
  MODEL,
]);
const [{ url }] = await Promise.race([
  once(child, 'message'),
  once(child, 'exit').then(() => Promise.reject(new Error('The server ended.'))),
]);

async function cpu() {
  child.send('cpu');
  return (await once(child, 'message'))[0].cpu;
}

/** Every user in turn, each connection from another one on. Where lists are ranked anew each
 *  connection asks for another k (3 to 18), so that no list is a kept one; where every list is its
 *  user's first, each connection has users of its own. */
function load({ query, lists }, length) {
  let connection = 0;
  const setupClient = (client) => {
    const c = connection++;
    const k = lists === 'anew' ? 3 + c : 10;
    const start = c * Math.floor(USERS / CONNECTIONS);
    const users = Array.from(
      { length: lists === 'first' ? Math.floor(USERS / CONNECTIONS) : USERS },
      (_, i) => (i + start) % USERS,
    );
    const body = (i) => JSON.stringify({ query, variables: { userId: String(i + 1), k } });
    client.setRequests(
      users.map((i) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: body(i) })),
    );
  };
  return autocannon({ url, connections: CONNECTIONS, ...length, setupClient });
}

async function round(kind) {
  if (kind.lists === 'first') {
    for (let i = 0; i < FIRST_TIMES; i++) {
      child.send('forget');
      await once(child, 'message');
      await measure(kind, { amount: CONNECTIONS * Math.floor(USERS / CONNECTIONS) });
    }
    return;
  }
  // A user's last list is kept, and the other kinds have asked for other lists since.
  if (kind.lists === 'again') await load(kind, { amount: 2 * USERS });
  await measure(kind, { duration: SECONDS });
}

async function measure(kind, length) {
  const before = await cpu();
  const result = await load(kind, length);
  const after = await cpu();
  if (result.non2xx || result.errors)
    throw new Error(`${kind.name}: ${result.non2xx} answers were no 200, ${result.errors} failed.`);
  const total = result['2xx'];
  const used = after.user + after.system - before.user - before.system;
  kind.rounds.push({
    perSecond: total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpu: used / total,
  });
}

function median({ rounds }, figure) {
  const values = rounds.map((it) => it[figure]).sort((a, b) => a - b);
  return (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2;
}

async function example({ query }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { userId: '42' } }),
  });
  const { data, errors } = await response.json();
  if (errors || data.recommendations.length !== 10) throw new Error(JSON.stringify(errors ?? data));
  return data.recommendations[0];
}

const kinds = [
  { name: 'lists asked for before', query: queryOf(''), lists: 'again' },
  { name: '… explained', query: queryOf(EXPLANATION), lists: 'again' },
  { name: 'every list ranked anew', query: queryOf(''), lists: 'anew' },
  { name: '… explained', query: queryOf(EXPLANATION), lists: 'anew' },
  { name: "every list the user's first", query: queryOf(''), lists: 'first' },
  { name: '… explained', query: queryOf(EXPLANATION), lists: 'first' },
].map((kind) => ({ ...kind, rounds: [] }));
try {
  const { explanation } = await example(kinds[1]);
  if (explanation.nearestRated.length !== 3 || explanation.nearTags.length !== 5)
    throw new Error(JSON.stringify(explanation));
  for (const kind of kinds) await load(kind, { amount: WARM_UP });
  for (let i = 0; i < ROUNDS; i++)
    for (const kind of i % 2 === 0 ? kinds : [...kinds].reverse()) await round(kind);
} finally {
  if (child.connected) child.send('stop');
}
const row = (kind) =>
  `| ${kind.name} | ${median(kind, 'perSecond').toFixed(0)} | ${median(kind, 'p50').toFixed(1)} | ${median(kind, 'p99').toFixed(1)} | ${median(kind, 'cpu').toFixed(0)} |`;
const times = (figure, at) => (median(kinds[at + 1], figure) / median(kinds[at], figure)).toFixed(2);
const report = `# What explanations add to \`recommendations(k: 10)\`

\`node bench/explanations.mjs ${SECONDS}\`: ml-latest-small (9,742 movies × 64, 1,475 tags, 610 users in turn, the default tower), embedded database, ${CONNECTIONS} connections,
${ROUNDS} rounds of ${SECONDS} s each in turns, medians. The client runs on the same machine. Each movie comes with up to 3 rated neighbours (with the exact
contribution of each), 5 tags and the percentile. Ranked anew: each request asks for another number of films than the user's last one, so some of its
films were explained in a former list. The first: nothing is kept of the user but the history (${FIRST_TIMES} × 608 requests a round). Load ${loadavg()[0].toFixed(1)} at the end. Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}.

| | requests/s | p50, ms | p99, ms | CPU a request, µs |
| --- | --- | --- | --- | --- |
${kinds.map(row).join('\n')}

With explanations to without (goal for the p99: at most 3): p99 × ${times('p99', 0)}, p50 × ${times('p50', 0)}, CPU × ${times('cpu', 0)} for lists asked for before;
p99 × ${times('p99', 2)}, p50 × ${times('p50', 2)}, CPU × ${times('cpu', 2)} when every list is ranked anew;
p99 × ${times('p99', 4)}, p50 × ${times('p50', 4)}, CPU × ${times('cpu', 4)} when every list is its user's first.
`;
console.log(report);
mkdirSync(new URL('results/', import.meta.url), { recursive: true });
writeFileSync(new URL('results/explanations.md', import.meta.url), report);
