/** What the tag tower does beyond the conformance suite. */
import { contextOf } from '../../../test/fixtures/fit-context';
import { HELD_OUT, tagData } from '../../../test/fixtures/tag-world';
import { buildTagPosts } from '../../interactions/tag-posts';
import { decodeArtifact, encodeArtifact } from '../artifact';
import type { Model } from '../system';
import { evidenceOf } from './tag-evidence';
import { tagTower } from './tag-tower';

const SMALL = { embeddingSize: 4, epochs: 40, batchSize: 8 };

it('keeps the best epoch of the tag tower by the validation metric, and says what each was worth', async () => {
  const settings = tagTower.hyperparameters.parse({ ...SMALL, epochs: 4 });
  const worth = [0.1, 0.4, 0.2, 0.3];
  const seen: Float32Array[] = [];
  const validate = (model: Model<'TAGS'>): number => worth[seen.push(model.score([HELD_OUT])) - 1];
  const records: (number | undefined)[] = [];
  const kept = await tagTower.fit(
    tagData,
    settings,
    contextOf<'TAGS'>({
      backend: 'cpu',
      validate,
      onEpoch: ({ validationMetric }) => records.push(validationMetric),
    }),
  );
  expect(records).toEqual(worth);
  expect(kept.score([HELD_OUT])).toEqual(seen[1]);
  expect(seen[1]).not.toEqual(seen[3]);
});

it('reads a tag tower that was stored before there was a fifth source, and scores as it did', async () => {
  const settings = tagTower.hyperparameters.parse(SMALL);
  const model = await tagTower.fit(tagData, settings, contextOf<'TAGS'>({ backend: 'cpu' }));
  const artifact = model.save();
  const { userTrust, itemTrust, mixture, ...others } = artifact.arrays;
  const { trustRegularization, ...formerSettings } = artifact.settings;
  const theta = Array.from(mixture.data);
  const former = Float32Array.from([...theta.slice(0, 4), ...theta.slice(5, 9), theta[10]]);
  const stored = {
    ...artifact,
    settings: formerSettings,
    arrays: { ...others, mixture: { data: former, shape: [9] } },
  };
  const loaded = tagTower.load(decodeArtifact(encodeArtifact(stored)));

  // By the formula of the four sources.
  const evidence = evidenceOf(buildTagPosts(tagData.taggings)).evidence.of(0, 6);
  const expected = Array.from({ length: tagData.taggings.tags.size }, (_, tag) => {
    const at = evidence.tags.subarray(0, evidence.size).indexOf(tag);
    if (at < 0) return 0;
    let mixed = 1;
    for (let s = 0; s < 4; s++) {
      const gate = artifact.arrays[s % 2 === 0 ? 'userGate' : 'itemGate'].data[tag];
      mixed +=
        (Math.exp(former[s] + gate) * evidence.counts[s][at]) /
        (evidence.totals[s] + Math.exp(former[4 + s]));
    }
    return (artifact.arrays.prior.data[tag] + Math.exp(former[8]) * Math.log(mixed)) / 2;
  });
  const point = loaded.space?.pairPoint(0, 6, evidence);
  for (const [tag, value] of expected.entries())
    if (value !== 0) expect(point?.p[tag]).toBeCloseTo(value, 12);
  expect(expected.filter((value) => value !== 0).length).toBeGreaterThan(5);
  expect(tagTower.load(loaded.save()).score([HELD_OUT])).toEqual(loaded.score([HELD_OUT]));
});
