/** The data of tag recommendation: distinct taggings, thinned to the p-core (Jäschke et al., PKDD
 *  2007, section 4.1). */
import { AppError } from '../../errors';
import type { TagLog } from '../../interactions/interaction-log';
import { Vocabulary } from '../../interactions/vocabulary';

export interface Tagging {
  readonly userId: number;
  readonly itemId: number;
  readonly tag: string;
}

/** A line that is no tagging. */
export class InvalidTaggingError extends AppError {
  readonly code = 'DATASET_UNREADABLE';
}

/** @param text lines `userId::movieId::tag::timestamp` of MovieLens 10M
 *  @returns each tagging once, tags lower-cased and trimmed
 *  @throws InvalidTaggingError naming the line */
export function parseTaggings(text: string): Tagging[] {
  const taggings = new Map<string, Tagging>();
  text.split(/\r?\n/).forEach((line, at) => {
    if (line === '') return;
    // A tag may hold the separator: the first two fields and the last are numbers.
    const found = /^(\d+)::(\d+)::(.*)::\d+$/.exec(line);
    if (found === null)
      throw new InvalidTaggingError(
        `Line ${at + 1} does not have the form userId::movieId::tag::timestamp.`,
      );
    const tagging = {
      userId: Number(found[1]),
      itemId: Number(found[2]),
      tag: found[3].trim().toLowerCase(),
    };
    taggings.set(`${tagging.userId} ${tagging.itemId} ${tagging.tag}`, tagging);
  });
  return [...taggings.values()];
}

/** @param least minimum number of remaining taggings of each remaining user, item and tag */
export function coreOf(taggings: readonly Tagging[], least: number): Tagging[] {
  let rest = [...taggings];
  for (let before = Number.POSITIVE_INFINITY; rest.length < before; ) {
    before = rest.length;
    const users = countsOf(rest, ({ userId }) => userId);
    const items = countsOf(rest, ({ itemId }) => itemId);
    const tags = countsOf(rest, ({ tag }) => tag);
    const has = (counts: number | undefined): boolean => (counts ?? 0) >= least;
    rest = rest.filter(
      ({ userId, itemId, tag }) => has(users.get(userId)) && has(items.get(itemId)) && has(tags.get(tag)),
    );
  }
  return rest;
}

function countsOf<Key>(taggings: readonly Tagging[], keyOf: (tagging: Tagging) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const tagging of taggings) counts.set(keyOf(tagging), (counts.get(keyOf(tagging)) ?? 0) + 1);
  return counts;
}

export interface TagData {
  readonly taggings: TagLog;
  readonly users: Vocabulary;
  readonly items: Vocabulary;
  /** [T] by dense index */
  readonly tagNames: readonly string[];
}

/** Dense indices in ascending order of the ids and names. */
export function tagDataOf(taggings: readonly Tagging[]): TagData {
  const vocabularyOf = (ids: readonly number[]): Vocabulary =>
    new Vocabulary(Int32Array.from(new Set(ids)).sort());
  const users = vocabularyOf(taggings.map(({ userId }) => userId));
  const items = vocabularyOf(taggings.map(({ itemId }) => itemId));
  const tagNames = [...new Set(taggings.map(({ tag }) => tag))].sort();
  const tagIndex = new Map(tagNames.map((name, index) => [name, index]));
  return {
    users,
    items,
    tagNames,
    taggings: {
      tags: new Vocabulary(Int32Array.from(tagNames.keys())),
      userIndex: Int32Array.from(taggings, ({ userId }) => users.indexOf(userId) ?? -1),
      itemIndex: Int32Array.from(taggings, ({ itemId }) => items.indexOf(itemId) ?? -1),
      tagIndex: Int32Array.from(taggings, ({ tag }) => tagIndex.get(tag) ?? -1),
    },
  };
}
