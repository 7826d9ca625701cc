/** Training data as plain objects for a worker thread: a Vocabulary is a class, which structured
 *  cloning would strip. */
import { types } from 'node:util';
import type { Demographics, InteractionLog, ItemFeatures, TagLog, TrainingData } from './interaction-log';
import { Vocabulary } from './vocabulary';

export interface PackedTrainingData {
  readonly userIds: Int32Array;
  readonly itemIds: Int32Array;
  readonly interactions: Omit<InteractionLog, 'users' | 'items'>;
  readonly itemFeatures: ItemFeatures;
  readonly tagIds: Int32Array;
  readonly taggings: Omit<TagLog, 'tags'>;
  readonly demographics: readonly Demographics[] | null;
}

/** @returns what `postMessage(packed, transfer)` takes. To transfer empties the sender's arrays:
 *    leave `transfer` out to copy instead. Buffers that a thread cannot take over (shared ones) are
 *    not in the list. */
export function packTrainingData(data: TrainingData): {
  readonly packed: PackedTrainingData;
  readonly transfer: ArrayBuffer[];
} {
  const { users, items, offsets, itemIndex, value, timestamp } = data.interactions;
  const { genreNames, genreOffsets, genreIndex, year } = data.itemFeatures;
  const { tags, userIndex, itemIndex: taggedItem, tagIndex, timestamp: taggedAt } = data.taggings;
  const packed: PackedTrainingData = {
    userIds: users.ids,
    itemIds: items.ids,
    interactions: { offsets, itemIndex, value, timestamp },
    itemFeatures: { genreNames, genreOffsets, genreIndex, year },
    tagIds: tags.ids,
    taggings: { userIndex, itemIndex: taggedItem, tagIndex, timestamp: taggedAt },
    demographics: data.demographics,
  };
  const columns = [
    users.ids,
    items.ids,
    offsets,
    itemIndex,
    value,
    timestamp,
    genreOffsets,
    genreIndex,
    year,
    tags.ids,
  ];
  const buffers = [...columns, userIndex, taggedItem, tagIndex, ...(taggedAt ? [taggedAt] : [])].map(
    (column) => column.buffer,
  );
  const transfer = [...new Set(buffers)].filter((buffer): buffer is ArrayBuffer =>
    types.isArrayBuffer(buffer),
  );
  return { packed, transfer };
}

export function unpackTrainingData(packed: PackedTrainingData): TrainingData {
  return {
    interactions: {
      users: new Vocabulary(packed.userIds),
      items: new Vocabulary(packed.itemIds),
      ...packed.interactions,
    },
    itemFeatures: packed.itemFeatures,
    taggings: { tags: new Vocabulary(packed.tagIds), ...packed.taggings },
    demographics: packed.demographics,
  };
}
