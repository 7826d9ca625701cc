/** The tag tower: tags for a user and an item by one Euclidean distance that depends on the user's
 *  tags, the item's tags and the pair.
 *
 *  The space is in tag-space.ts: learned points as in our towers for movies, and one axis for each
 *  tag, on which the pair's coordinate is the strength of the evidence for the tag. The evidence
 *  (tag-evidence.ts) counts what the user and the item have, and more where items, or users, are
 *  alike. It is trained by a softmax over distances (post-gradient.ts); a post's tags are excluded
 *  from its evidence, or the tower would learn to repeat its targets.
 *
 *  In plain TypeScript: the evidence is sparse, and a step of 256 posts over a sample of tags is
 *  too small to pay for tensors. So it is the same to the last bit on every back end. */

import { buildTagPosts, type TagPosts } from '../../interactions/tag-posts';
import { type Artifact, CorruptArtifactError, type NamedArray } from '../artifact';
import { arrayOf, assertKind, assertTagFit, settingsOf } from '../checks';
import { defineSystem, type Model, type TagPair, TrainingDivergedError } from '../system';
import { Turns } from '../training-loop';
import { type Sizes, shapeOf, snapshot } from './parameters';
import { evidenceOf, orNull, type TagEvidence } from './tag-evidence';
import { checkTagIds, readTagIds, type TagIds, tagIdArrays, tagIdsOf } from './tag-ids';
import { readTagSpace, TAG_SPACE_ARRAYS, TagSpace, withEverySource } from './tag-space';
import { type TagTowerHyperparameters, TagTowerTraining, tagTowerHyperparameters } from './training';

const NAME = 'TAG_TOWER';

export const tagTower = defineSystem({
  name: NAME,
  label: 'Ours (tag tower)',
  description:
    'Metric learning: the tags nearest to the point of a user and a movie, in one Euclidean ' +
    'space (docs/tags.md).',
  task: 'TAGS',
  engine: false,
  seedless: false,
  servable: true,
  hyperparameters: tagTowerHyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertTagFit(data);
    const posts = buildTagPosts(data.taggings);
    const sizes: Sizes = { users: data.users.size, items: data.items.size, tags: data.taggings.tags.size };
    const training = new TagTowerTraining(posts, sizes, settings, context);
    const publish = (): TagTowerModel =>
      new TagTowerModel(
        new TagSpace(
          snapshot(training.tables, settings.embeddingSize, { users: posts.user, items: posts.item }),
        ),
        { posts, evidence: training.evidence },
        settings,
        tagIdsOf(data),
      );
    const turns = new Turns(context);
    let best: { readonly model: Model<'TAGS'>; readonly metric: number } | undefined;
    for (let epoch = 1; epoch <= settings.epochs; epoch++) {
      const startedAt = performance.now();
      const loss = await training.epoch(turns);
      if (!Number.isFinite(loss)) {
        throw new TrainingDivergedError(
          `The loss became ${loss} in epoch ${epoch}: a smaller learningRate may help.`,
        );
      }
      const model = context.validate && publish();
      const metric = model && context.validate?.(model);
      context.onEpoch({
        epoch,
        epochs: settings.epochs,
        loss,
        validationMetric: metric,
        seconds: (performance.now() - startedAt) / 1000,
      });
      if (model !== undefined && metric !== undefined && (best === undefined || metric > best.metric))
        best = { model, metric };
    }
    context.onProgress(1);
    return best?.model ?? publish();
  },
  load(stored) {
    assertKind(stored, NAME);
    const artifact = withEverySource(stored);
    const settings = settingsOf(artifact, tagTowerHyperparameters);
    const space = readTagSpace(artifact);
    const sizes: Sizes = {
      users: arrayOf(artifact, 'users', 'float32', 2).shape[0],
      items: arrayOf(artifact, 'items', 'float32', 2).shape[0],
      tags: space.tagCount,
    };
    for (const name of TAG_SPACE_ARRAYS)
      arrayOf(artifact, name, 'float32', shapeOf(name, space.embeddingSize, sizes).length);
    const ids = readTagIds(artifact);
    checkTagIds(ids, sizes);
    const posts = postsOf(artifact, sizes);
    return new TagTowerModel(space, { posts, evidence: evidenceOf(posts).evidence }, settings, ids);
  },
});

class TagTowerModel implements Model<'TAGS'> {
  readonly name = NAME;

  constructor(
    readonly space: TagSpace,
    private readonly trained: { readonly posts: TagPosts; readonly evidence: TagEvidence },
    private readonly settings: TagTowerHyperparameters,
    readonly ids: TagIds,
  ) {}

  get itemCount(): number {
    return this.ids.tags.length;
  }

  score(pairs: readonly TagPair[]): Float32Array {
    const { space, itemCount: tagCount } = this;
    const scores = new Float32Array(pairs.length * tagCount);
    pairs.forEach(({ user, item }, row) => {
      const point = space.pairPoint(user, item, this.trained.evidence.of(orNull(user), orNull(item)));
      space.scores(point, scores.subarray(row * tagCount, (row + 1) * tagCount));
    });
    return scores;
  }

  save(): Artifact {
    const { posts } = this.trained;
    const { users, items, tags } = this.ids;
    const sizes: Sizes = { users: users.length, items: items.length, tags: tags.length };
    const arrays: Record<string, NamedArray> = tagIdArrays(this.ids);
    for (const name of TAG_SPACE_ARRAYS) {
      arrays[name] = {
        data: this.space.arrays[name],
        shape: shapeOf(name, this.settings.embeddingSize, sizes),
      };
    }
    for (const [name, data] of Object.entries({
      postUsers: posts.user,
      postItems: posts.item,
      postOffsets: posts.offsets,
      postTags: posts.tags,
    })) {
      arrays[name] = { data, shape: [data.length] };
    }
    return { kind: NAME, format: 1, settings: { ...this.settings }, arrays };
  }
}

function postsOf(artifact: Artifact, sizes: Sizes): TagPosts {
  const column = (name: string): Int32Array => arrayOf(artifact, name, 'int32', 1).data;
  const posts: TagPosts = {
    user: column('postUsers'),
    item: column('postItems'),
    offsets: column('postOffsets'),
    tags: column('postTags'),
  };
  const { user, item, offsets, tags } = posts;
  const isSound =
    item.length === user.length &&
    offsets.length === user.length + 1 &&
    offsets[0] === 0 &&
    offsets[user.length] === tags.length &&
    offsets.every((offset, post) => post === 0 || offset > offsets[post - 1]) &&
    user.every((row) => row >= -1 && row < sizes.users) &&
    item.every((row) => row >= -1 && row < sizes.items) &&
    tags.every((tag) => tag >= 0 && tag < sizes.tags);
  if (!isSound) throw new CorruptArtifactError('The posts have inconsistent shapes.');
  return posts;
}
