/** A server in a process of its own (serving-child.mjs), and load on it that is measured in rounds.
 *  @import { ChildProcess } from 'node:child_process'
 *  @typedef {{ child: ChildProcess, url: string }} Server
 *  @typedef {{ query: string, users?: number, kOf: (connection: number) => number }} Asked
 *    `users`: how many each connection asks for, all without it; `kOf`: the list's length
 *  @typedef {{ duration: number } | { amount: number }} Length seconds, or requests in all
 *  @typedef {{ perSecond: number, p50: number, p99: number, cpu: number, rss: number }} Round
 *    requests a second, milliseconds (p50, p99), microseconds of CPU a request, MiB */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

export const ROUNDS = 4;
export const CONNECTIONS = 16;
export const USERS = 610;
/** Of the users in turn, how far each connection begins from the one before. */
export const STEP = Math.floor(USERS / CONNECTIONS);
const HEADERS = { 'content-type': 'application/json' };

/** @param {'live' | 'static'} kind @param {string[]} rest see serving-child.mjs
 *  @returns {Promise<Server>} */
export async function start(kind, ...rest) {
  const child = fork(fileURLToPath(new URL('serving-child.mjs', import.meta.url)), [kind, ...rest]);
  const [{ url }] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`The ${kind} server ended.`))),
  ]);
  return { child, url };
}

/** @param {Server} server */
export const stop = ({ child }) => child.connected && child.send('stop');

/** @param {Server} server @param {'cpu' | 'forget'} message */
export async function ask({ child }, message) {
  child.send(message);
  const [answer] = await once(child, 'message');
  return answer;
}

/** Every user in turn, each connection from another one on.
 *  @param {Server} server @param {Asked} asked @param {Length} length */
export function load({ url }, { query, users = USERS, kOf }, length) {
  let connection = 0;
  return autocannon({
    url,
    connections: CONNECTIONS,
    ...length,
    setupClient(client) {
      const c = connection++;
      client.setRequests(
        Array.from({ length: users }, (_, i) => {
          const userId = String(((i + c * STEP) % USERS) + 1);
          const body = JSON.stringify({ query, variables: { userId, k: kOf(c) } });
          return { method: 'POST', headers: HEADERS, body };
        }),
      );
    },
  });
}

/** @param {Server} server @param {Asked & { name: string }} asked @param {Length} length
 *  @returns {Promise<Round>} */
export async function measure(server, asked, length) {
  const before = await ask(server, 'cpu');
  const result = await load(server, asked, length);
  const after = await ask(server, 'cpu');
  if (result.non2xx || result.errors)
    throw new Error(`${asked.name}: ${result.non2xx} answers were no 200, ${result.errors} failed.`);
  const total = result['2xx'];
  const used = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return {
    perSecond: total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpu: used / total,
    rss: after.rss / 2 ** 20,
  };
}

/** One after the other, ROUNDS times, every second time from the last one back.
 *  @template Kind
 *  @param {Kind[]} kinds @param {(kind: Kind) => Promise<void>} round */
export async function inTurns(kinds, round) {
  for (let i = 0; i < ROUNDS; i++)
    for (const kind of i % 2 === 0 ? kinds : [...kinds].reverse()) await round(kind);
}

/** @param {{ rounds: Round[] }} measured @param {keyof Round} figure */
export function median({ rounds }, figure) {
  const values = rounds.map((round) => round[figure]).sort((a, b) => a - b);
  return (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2;
}

/** @param {Server} server @param {Asked} asked
 *  @returns the first of user 42's ten recommendations */
export async function example({ url }, { query }) {
  const body = JSON.stringify({ query, variables: { userId: '42' } });
  const response = await fetch(url, { method: 'POST', headers: HEADERS, body });
  const { data, errors } =
    /** @type {{ data: { recommendations: Record<string, unknown>[] }, errors?: unknown }} */ (
      await response.json()
    );
  if (errors || data.recommendations.length !== 10) throw new Error(JSON.stringify(errors ?? data));
  return data.recommendations[0];
}
