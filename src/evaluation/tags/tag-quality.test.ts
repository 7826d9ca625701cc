/** The tag tower on real taggings: an eighth of the users of ml-10m-tags, and nobody else's
 *  posts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemNamed } from '../../models/systems';
import { evaluateTags } from './evaluate-tags';
import { coreOf, parseTaggings, tagDataOf } from './tag-core';
import { prepareTagSplit } from './tag-protocol';

const FILE = join(__dirname, '../../../../shared/data/ml-10m-tags/tags.dat');
const isThere = existsSync(FILE);
if (!isThere)
  console.warn(
    'Skipped: ml-10m-tags is not beside the repository, so tag recommendation is not measured on real data.',
  );

(isThere ? it : it.skip)(
  'ranks held-out posts better than the mix of what the user and the movie have',
  async () => {
    const some = parseTaggings(readFileSync(FILE, 'utf8')).filter(({ userId }) => userId % 8 === 0);
    const data = tagDataOf(coreOf(some, 3));
    const split = prepareTagSplit(data, { seed: 1, validation: false });
    expect(split.parts.TEST.length).toBeGreaterThan(100);
    const ndcg = async (name: 'POPULAR_TAGS_MIX' | 'TAG_TOWER'): Promise<number> => {
      const recommender = systemNamed(name);
      const context = {
        seed: 1,
        backend: 'cpu' as const,
        signal: new AbortController().signal,
        onEpoch() {},
        onProgress() {},
      };
      const model = await recommender.fit(
        split.trainingData,
        recommender.hyperparameters.parse({}),
        context,
      );
      const { rows } = await evaluateTags(model, split);
      return rows.find(({ metric, k }) => metric === 'ndcg' && k === 10)?.mean ?? Number.NaN;
    };
    const [mix, tower] = [await ndcg('POPULAR_TAGS_MIX'), await ndcg('TAG_TOWER')];

    expect(tower).toBeGreaterThan(1.05 * mix);
  },
  300_000,
);
