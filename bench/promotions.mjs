/** 100 promotions and roll-backs while `recommendations` is asked over HTTP: no request fails, no
 *  list mixes two models. The product itself, in a process of its own, on ml-latest-small in an
 *  embedded database; two towers that it has trained.
 *  node bench/promotions.mjs [changes] [connections]
 *  Writes bench/results/promotions.md.
 *  @typedef {{ model: { id: string } }} Changed
 *  @typedef {{ experiment: { status: string, error: string | null,
 *    model: { id: string } } }} Trained
 *  @typedef {{ data: { recommendations: unknown[], promoteModel: Changed, rollbackModel: Changed,
 *    trainModel: Trained }, errors?: unknown }} Answer
 *  @typedef {{ user: number, list: string | Error, ms: number }} Answered */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MACHINE, writeReport } from './support/report.mjs';

const CHANGES = Number(process.argv[2] ?? 100);
const CONNECTIONS = Number(process.argv[3] ?? 8);
const USERS = 610;
const CALM_MS = 5_000;
const ADMIN_KEY = 'the-admin-key-of-the-bench';
const LIST =
  'query ($userId: ID!) { recommendations(userId: $userId, k: 10) { distance source movie { id } } }';
const TRAIN =
  'mutation ($input: TrainModelInput!) { trainModel(input: $input) { experiment { status error model { id } } } }';

const dataDir = mkdtempSync(join(tmpdir(), 'nearfield-promotions-'));
const child = spawn(
  process.execPath,
  [fileURLToPath(new URL('../bin/nearfield.mjs', import.meta.url)), 'serve'],
  {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      NEARFIELD_DATA_DIR: dataDir,
      NEARFIELD_ADMIN_KEY: ADMIN_KEY,
      NEARFIELD_TRAIN_ON_START: 'false',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
const url = await address();

/** @returns {Promise<string>} */
function address() {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = /running at (http:\S+)/.exec(text)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`The server ended:\n${text}`)));
  });
}

/** @param {string} query @param {Record<string, unknown>} variables @param {boolean} admin */
async function ask(query, variables, admin = false) {
  const headers = {
    'content-type': 'application/json',
    ...(admin && { authorization: `Bearer ${ADMIN_KEY}` }),
  };
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = /** @type {Answer} */ (await response.json());
  if (response.status !== 200 || errors) throw new Error(`${response.status} ${JSON.stringify(errors)}`);
  return data;
}

/** @param {number} embeddingSize */
async function train(embeddingSize) {
  const input = {
    hyperparameters: { embeddingSize, epochs: 2, negatives: 128 },
    publish: false,
    wait: true,
  };
  const { experiment } = (await ask(TRAIN, { input }, true)).trainModel;
  if (experiment.status !== 'SUCCEEDED') throw new Error(experiment.error ?? experiment.status);
  return experiment.model.id;
}

/** @param {string} modelId */
const promote = (modelId) =>
  ask(
    'mutation ($id: ID!) { promoteModel(modelId: $id, force: true) { model { id } } }',
    { id: modelId },
    true,
  );
const rollback = () => ask('mutation { rollbackModel { model { id } } }', {}, true);
/** @param {number} user */
const listOf = async (user) => JSON.stringify((await ask(LIST, { userId: String(user) })).recommendations);

/** What one model answers each user while nothing changes.
 *  @param {string} modelId */
async function answersOf(modelId) {
  await promote(modelId);
  const lists = [];
  for (let user = 1; user <= USERS; user++) lists.push(await listOf(user));
  return lists;
}

/** Asks on all connections until it is stopped.
 *  @param {(answered: Answered) => void} onAnswer */
function load(onAnswer) {
  let running = true;
  const loops = Array.from({ length: CONNECTIONS }, async (_, c) => {
    for (let user = (c * 71) % USERS; running; user = (user + 1) % USERS) {
      const startedAt = performance.now();
      const list = await listOf(user + 1).catch((/** @type {Error} */ error) => error);
      onAnswer({ user, list, ms: performance.now() - startedAt });
    }
  });
  return async () => {
    running = false;
    await Promise.all(loops);
  };
}

/** @param {number[]} values @param {number} q */
const quantile = (values, q) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];

try {
  const models = [await train(16), await train(24)];
  /** @type {string[][]} */
  const known = [];
  for (const modelId of models) known.push(await answersOf(modelId));
  const alike = known[0].filter((list, user) => list === known[1][user]).length;
  if (alike > 0)
    throw new Error(`${alike} users get the same list from both models: nothing could be told.`);

  /** @type {number[]} */
  const calm = [];
  const stopCalm = load(({ ms }) => calm.push(ms));
  await sleep(CALM_MS);
  await stopCalm();

  const counts = { failed: 0, mixed: 0, byModel: [0, 0], stale: 0 };
  /** @type {number[]} */
  const answers = [];
  /** @type {string[]} */
  const failures = [];
  const stop = load(({ user, list, ms }) => {
    answers.push(ms);
    const model = list instanceof Error ? -2 : known.findIndex((lists) => lists[user] === list);
    if (model === -2) failures.push(String(list));
    else if (model === -1) counts.mixed++;
    else counts.byModel[model]++;
  });
  const changes = [];
  const startedAt = performance.now();
  // The second model is in service. Promotions and roll-backs in turns: each changes the model.
  for (let change = 0; change < CHANGES; change++) {
    const at = performance.now();
    const { model } =
      change % 2 === 0 ? (await promote(models[0])).promoteModel : (await rollback()).rollbackModel;
    changes.push(performance.now() - at);
    // Whoever asks after the mutation has answered gets the new model.
    const user = (change * 37) % USERS;
    if ((await listOf(user + 1)) !== known[models.indexOf(model.id)][user]) counts.stale++;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await stop();
  counts.failed = failures.length;
  /** @param {number} value */
  const figure = (value) => value.toFixed(1);
  const report = `# ${CHANGES} promotions and roll-backs under load

\`node bench/promotions.mjs ${CHANGES} ${CONNECTIONS}\`: the product in a process of its own, ml-latest-small, embedded database, two towers (16 and 24 dimensions),
${CONNECTIONS} connections that ask \`recommendations(k: 10)\` for 610 users in turn. Every answer is compared with what each model answers this user at rest.
${MACHINE}; the client runs on the same machine, which had other work.

| | |
| --- | --- |
| changes of the model in service | ${CHANGES} in ${figure(seconds)} s |
| lists answered meanwhile | ${answers.length}: ${counts.byModel[0]} of one model, ${counts.byModel[1]} of the other |
| failed requests | ${counts.failed} |
| lists that are neither model's (mixed) | ${counts.mixed} |
| lists of the former model, asked for after a change was answered | ${counts.stale} |
| a change, ms: median, longest | ${figure(quantile(changes, 0.5))}, ${figure(quantile(changes, 1))} |
| a list during the changes, ms: median, p99, longest | ${figure(quantile(answers, 0.5))}, ${figure(quantile(answers, 0.99))}, ${figure(quantile(answers, 1))} |
| a list without changes, ms: median, p99, longest | ${figure(quantile(calm, 0.5))}, ${figure(quantile(calm, 0.99))}, ${figure(quantile(calm, 1))} |
`;
  writeReport('promotions', report);
  for (const failure of failures.slice(0, 5)) console.log(failure);
  if (counts.failed + counts.mixed + counts.stale > 0) process.exitCode = 1;
} finally {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
  rmSync(dataDir, { recursive: true, force: true });
}
