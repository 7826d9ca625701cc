/** What explanations add to `recommendations(k: 10)` over HTTP: with and without, in turns within
 *  one run, on the same server and model.
 *  node bench/explanations.mjs [seconds a round] [file of the trained tower]
 *  Writes bench/results/explanations.md.
 *  @import { Round } from './support/load.mjs'
 *  @typedef {{ name: string, query: string, lists: keyof typeof LISTS, rounds: Round[] }} Kind */
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ask,
  CONNECTIONS,
  example,
  inTurns,
  load,
  measure,
  median,
  ROUNDS,
  STEP,
  start,
  stop,
  USERS,
} from './support/load.mjs';
import { MACHINE, writeReport } from './support/report.mjs';

const SECONDS = Number(process.argv[2] ?? 5);
const MODEL = process.argv[3] ?? join(tmpdir(), 'nearfield-bench-tower.nfa');
const WARM_UP = 4_000;
/** How often within a round every user asks for a first list. */
const FIRST_TIMES = 3;
const EXPLANATION =
  'explanation { nearestRated { movie { title } stars distance contribution } nearTags { tag { name } distance } distancePercentile }';
/** @param {string} fields */
const queryOf = (fields) =>
  `query ($userId: ID!, $k: Int! = 10) { recommendations(userId: $userId, k: $k) { rank distance movie { title } ${fields} } }`;
/** Where lists are ranked anew each connection asks for another k (3 to 18), so that no list is a
 *  kept one; where every list is its user's first, each connection has users of its own. */
const LISTS = {
  again: { kOf: () => 10 },
  anew: { kOf: (/** @type {number} */ connection) => 3 + connection },
  first: { kOf: () => 10, users: STEP },
};
/** @type {Kind[]} */
const kinds = [
  { name: 'lists asked for before', query: queryOf(''), lists: 'again', rounds: [] },
  { name: '… explained', query: queryOf(EXPLANATION), lists: 'again', rounds: [] },
  { name: 'every list ranked anew', query: queryOf(''), lists: 'anew', rounds: [] },
  { name: '… explained', query: queryOf(EXPLANATION), lists: 'anew', rounds: [] },
  { name: "every list the user's first", query: queryOf(''), lists: 'first', rounds: [] },
  { name: '… explained', query: queryOf(EXPLANATION), lists: 'first', rounds: [] },
];
const server = await start('live', '64', MODEL);

/** @param {Kind} kind */
async function round(kind) {
  const asked = { ...kind, ...LISTS[kind.lists] };
  if (kind.lists === 'first') {
    for (let i = 0; i < FIRST_TIMES; i++) {
      await ask(server, 'forget');
      kind.rounds.push(await measure(server, asked, { amount: CONNECTIONS * STEP }));
    }
    return;
  }
  // A user's last list is kept, and the other kinds have asked for other lists since.
  if (kind.lists === 'again') await load(server, asked, { amount: 2 * USERS });
  kind.rounds.push(await measure(server, asked, { duration: SECONDS }));
}

try {
  const { explanation } = /** @type {{ explanation: Record<'nearestRated' | 'nearTags', unknown[]> }} */ (
    await example(server, { ...kinds[1], ...LISTS.again })
  );
  if (explanation.nearestRated.length !== 3 || explanation.nearTags.length !== 5)
    throw new Error(JSON.stringify(explanation));
  for (const kind of kinds) await load(server, { ...kind, ...LISTS[kind.lists] }, { amount: WARM_UP });
  await inTurns(kinds, round);
} finally {
  stop(server);
}
/** @param {Kind} kind */
const row = (kind) =>
  `| ${kind.name} | ${median(kind, 'perSecond').toFixed(0)} | ${median(kind, 'p50').toFixed(1)} | ${median(kind, 'p99').toFixed(1)} | ${median(kind, 'cpu').toFixed(0)} |`;
/** @param {keyof Round} figure @param {number} at */
const times = (figure, at) => (median(kinds[at + 1], figure) / median(kinds[at], figure)).toFixed(2);
const report = `# What explanations add to \`recommendations(k: 10)\`

\`node bench/explanations.mjs ${SECONDS}\`: ml-latest-small (9,742 movies × 64, 1,475 tags, 610 users in turn, the default tower), embedded database, ${CONNECTIONS} connections,
${ROUNDS} rounds of ${SECONDS} s each in turns, medians. The client runs on the same machine. Each movie comes with up to 3 rated neighbours (with the exact
contribution of each), 5 tags and the percentile. Ranked anew: each request asks for another number of films than the user's last one, so some of its
films were explained in a former list. The first: nothing is kept of the user but the history (${FIRST_TIMES} × 608 requests a round). Load ${loadavg()[0].toFixed(1)} at the end. ${MACHINE}.

| | requests/s | p50, ms | p99, ms | CPU a request, µs |
| --- | --- | --- | --- | --- |
${kinds.map(row).join('\n')}

With explanations to without (goal for the p99: at most 3): p99 × ${times('p99', 0)}, p50 × ${times('p50', 0)}, CPU × ${times('cpu', 0)} for lists asked for before;
p99 × ${times('p99', 2)}, p50 × ${times('p50', 2)}, CPU × ${times('cpu', 2)} when every list is ranked anew;
p99 × ${times('p99', 4)}, p50 × ${times('p50', 4)}, CPU × ${times('cpu', 4)} when every list is its user's first.
`;
writeReport('explanations', report);
