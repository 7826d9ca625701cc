/** `recommendations(k: 10)` with titles over HTTP, beside the same Apollo server with a static
 *  answer, in turns within one run.
 *  node bench/serving.mjs [seconds a round] [dimensions]
 *  Writes bench/results/serving.md.
 *  @import { Round, Server } from './support/load.mjs' */
import {
  CONNECTIONS,
  example,
  inTurns,
  load,
  measure,
  median,
  ROUNDS,
  start,
  stop,
} from './support/load.mjs';
import { MACHINE, writeReport } from './support/report.mjs';

const SECONDS = Number(process.argv[2] ?? 5);
const DIMENSIONS = process.argv[3] ?? '64';
const WARM_UP = 10_000;
const QUERY =
  'query ($userId: ID!, $k: Int! = 10) { recommendations(userId: $userId, k: $k) { rank distance movie { title } } }';

/** @param {string} name @param {Server} server @param {(connection: number) => number} kOf */
const kindOf = (name, server, kOf = () => 10) => ({
  name,
  server,
  query: QUERY,
  kOf,
  rounds: /** @type {Round[]} */ ([]),
});
const live = await start('live', DIMENSIONS);
// The service keeps a user's last list: `again` asks for it, while `anew` makes it useless, since
// each connection wants another k (3 to 18, 10.5 on average), so every list is ranked when it is
// asked for.
const again = kindOf('again', live);
const anew = kindOf('anew', live, (connection) => 3 + connection);
const fixed = kindOf('static', await start('static', DIMENSIONS));
const kinds = [again, anew, fixed];
try {
  for (const kind of kinds) await example(kind.server, kind);
  // The compiler's warm-up; the histories are read here.
  for (const kind of kinds) await load(kind.server, kind, { amount: WARM_UP });
  await inTurns(kinds, async (kind) => {
    kind.rounds.push(await measure(kind.server, kind, { duration: SECONDS }));
  });
} finally {
  for (const { server } of [again, fixed]) stop(server);
}
/** @param {string} name @param {{ rounds: Round[] }} server */
const row = (name, server) =>
  `| ${name} | ${median(server, 'perSecond').toFixed(0)} | ${median(server, 'p50').toFixed(1)} | ${median(server, 'p99').toFixed(1)} | ${median(server, 'cpu').toFixed(0)} | ${median(server, 'rss').toFixed(0)} |`;
/** @param {{ rounds: Round[] }} server */
const ratios = (server) =>
  `${(median(server, 'perSecond') / median(fixed, 'perSecond')).toFixed(2)} of its requests per second, ${(median(fixed, 'cpu') / median(server, 'cpu')).toFixed(2)} by CPU a request`;
const report = `# Serving \`recommendations(k: 10) { rank distance movie { title } }\`

\`node bench/serving.mjs ${SECONDS} ${DIMENSIONS}\`: ml-latest-small (9,742 movies × ${DIMENSIONS}, 610 users in turn, an untrained tower), embedded database,
${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s each in turns, medians. The client runs on the same machine.
${MACHINE}.

| server | requests/s | p50, ms | p99, ms | CPU a request, µs | memory, MiB |
| --- | --- | --- | --- | --- | --- |
${row('Nearfield, the list asked for before', again)}
${row('Nearfield, every list ranked anew', anew)}
${row('the same server, static answer', fixed)}

Against the static answer (goal: 0.8): ${ratios(again)} for a list asked for before; ${ratios(anew)} when every list is ranked anew.
`;
writeReport('serving', report);
