/** Whose rows the arrays of a tag recommender are: with these, a stored model can be asked by
 *  id. */
import { type Artifact, CorruptArtifactError, checkNamedArray, type NamedArray } from '../artifact';
import type { TagTrainingData } from '../system';

export interface TagIds {
  /** [U] ids of those who tagged, by dense index */
  readonly users: Int32Array;
  /** [I] ids of what was tagged */
  readonly items: Int32Array;
  /** [T] */
  readonly tags: Int32Array;
}

const ARRAYS = { users: 'userIds', items: 'itemIds', tags: 'tagIds' } as const satisfies Record<
  keyof TagIds,
  string
>;
const KINDS = ['users', 'items', 'tags'] as const;

/** @returns what a model of these data keeps, so that it can be asked by id */
export function tagIdsOf({ users, items, taggings }: TagTrainingData): TagIds {
  return { users: users.ids, items: items.ids, tags: taggings.tags.ids };
}

/** The part of an artifact that `readTagIds` reads. */
export function tagIdArrays(ids: TagIds): Record<string, NamedArray> {
  return Object.fromEntries(
    KINDS.map((kind) => [ARRAYS[kind], { data: ids[kind], shape: [ids[kind].length] }]),
  );
}

/** @throws CorruptArtifactError when ids are missing or duplicate */
export function readTagIds(artifact: Artifact): TagIds {
  const read = (name: string): Int32Array => {
    const array = artifact.arrays[name];
    if (!(array?.data instanceof Int32Array) || array.shape.length !== 1)
      throw new CorruptArtifactError(`Array ${name} is missing.`);
    checkNamedArray(name, array);
    if (new Set(array.data).size !== array.data.length)
      throw new CorruptArtifactError(`Array ${name} has duplicate ids.`);
    return array.data;
  };
  return { users: read(ARRAYS.users), items: read(ARRAYS.items), tags: read(ARRAYS.tags) };
}

/** @param rows how many the arrays of the model have
 *  @throws CorruptArtifactError */
export function checkTagIds(ids: TagIds, rows: Readonly<Record<keyof TagIds, number>>): void {
  for (const kind of KINDS) {
    const { length } = ids[kind];
    if (length !== rows[kind])
      throw new CorruptArtifactError(`Array ${ARRAYS[kind]} has ${length} ids for ${rows[kind]} rows.`);
  }
}
