/** Rows of a file → the log, with the file's name and line in what is refused. */

import { MalformedLineError } from '../../datasets/errors';
import {
  buildInteractionLog,
  type Column,
  type InteractionRows,
  InvalidRowsError,
} from '../../interactions/build';
import type { InteractionLog } from '../../interactions/interaction-log';

export interface Origin {
  readonly file: string;
  /** @param row from 0 */
  lineOf(row: number): number;
}

/** @param itemIds the catalogue; without it, the movies that occur
 *  @throws MalformedLineError for the first pair of user and movie that comes a second time */
export function buildLog(rows: InteractionRows, origin: Origin, itemIds?: Column): InteractionLog {
  try {
    return buildInteractionLog(rows, itemIds ? { itemIds } : {});
  } catch (error) {
    if (error instanceof InvalidRowsError) throw repeatedPair(rows, origin) ?? error;
    throw error;
  }
}

/** Asked only after the rows were refused, so that no good file pays for it. */
function repeatedPair(
  { userId, itemId }: InteractionRows,
  { file, lineOf }: Origin,
): MalformedLineError | undefined {
  const seen = new Map<number, Map<number, number>>();
  for (let row = 0; row < userId.length; row++) {
    const movies = seen.get(userId[row]) ?? new Map<number, number>();
    const before = movies.get(itemId[row]);
    if (before !== undefined) {
      return new MalformedLineError(
        file,
        lineOf(row),
        `user ${userId[row]} has movie ${itemId[row]} already in line ${lineOf(before)}.`,
      );
    }
    seen.set(userId[row], movies.set(itemId[row], row));
  }
  return undefined;
}
