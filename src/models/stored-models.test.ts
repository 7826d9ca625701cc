/** Models that revision 4daab97 stored answer as they did then, to the last bit. They were trained
 *  on synthetic data: 30 users, 36 movies, 12 tags. `scores.nfa.gz` holds that revision's answers
 *  to `queries.json`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import queries from '../../test/fixtures/stored-models/queries.json';
import type { UserHistory } from '../interactions/interaction-log';
import { loadEngine } from '../tensor/engine';
import { decodeArtifact, encodeArtifact } from './artifact';
import { SYSTEM_NAMES, type SystemName, systemNamed } from './systems';

const FOLDER = join(__dirname, '../../test/fixtures/stored-models');
const read = (name: string): Uint8Array => gunzipSync(readFileSync(join(FOLDER, `${name}.nfa.gz`)));

const histories = queries.histories.map(
  ({ items, values, timestamps, ...user }): UserHistory => ({
    items: Int32Array.from(items),
    values: Float32Array.from(values),
    timestamps: Float64Array.from(timestamps, (timestamp) => timestamp ?? Number.NaN),
    ...user,
  }),
);
const { arrays: scores } = decodeArtifact(read('scores'));

it('is there for every system that was there', () => {
  const stored = readdirSync(FOLDER).flatMap((file) => /^([A-Z_]+)\.nfa\.gz$/.exec(file)?.[1] ?? []);
  expect(stored.sort()).toEqual(Object.keys(scores).sort());
  expect(SYSTEM_NAMES).toEqual(expect.arrayContaining(stored));
});

it.each(Object.keys(scores) as SystemName[])('%s', async (name) => {
  const bytes = read(name);
  const artifact = decodeArtifact(bytes);
  const system = systemNamed(name);
  if (system.engine) await loadEngine({ backend: 'wasm' });
  const model = system.load(artifact);
  const answer =
    system.task === 'TAGS'
      ? system.load(artifact).score(queries.pairs)
      : system.load(artifact).score(histories);
  expect(answer).toEqual(scores[name].data);
  expect(Buffer.from(encodeArtifact(model.save())).equals(bytes)).toBe(true);
});
