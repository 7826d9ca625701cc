/** Which line repeats another one: asked only after the database has refused a key, so that no good
 *  release pays for it. */
import { MalformedLineError } from './errors';
import { GENOME_SCORES } from './genome';
import { staged } from './load';
import type { Release } from './release';

interface DatabaseError {
  readonly code?: string;
  readonly table?: string;
  readonly detail?: string;
}

/** @returns the error to show for a failed load: for a key that the release has twice, a
 *    MalformedLineError with the second line */
export async function explainDuplicate(error: unknown, release: Release): Promise<unknown> {
  const { code, table, detail } = (error ?? {}) as DatabaseError;
  const [, first, second] = /=\((\d+), (\d+)\)/.exec(detail ?? '') ?? [];
  if (code !== '23505' || first === undefined) return error;
  if (table === 'rating' || table === staged('rating')) {
    return (await repeatedRating(release, Number(first), Number(second))) ?? error;
  }
  if (table === 'genome_score' || table === staged('genome_score')) {
    return (await repeatedScore(release, Number(first))) ?? error;
  }
  return error;
}

async function repeatedRating(
  release: Release,
  userId: number,
  movieId: number,
): Promise<MalformedLineError | undefined> {
  let before = 0;
  for await (const { length, userIds, movieIds, lines } of release.ratings()) {
    for (let row = 0; row < length; row++) {
      if (userIds[row] !== userId || movieIds[row] !== movieId) continue;
      if (before > 0) {
        const reason = `user ${userId} has rated movie ${movieId} in line ${before} already.`;
        return new MalformedLineError(release.ratingsFile, lines[row], reason);
      }
      before = lines[row];
    }
  }
  return undefined;
}

/** The database's tag id is not the file's, but within one movie any tag that comes twice will
 *  do. */
async function repeatedScore(release: Release, movieId: number): Promise<MalformedLineError | undefined> {
  const lineOfTag = new Map<number, number>();
  let line = 1; // the header
  for await (const { length, movieIds, genomeTagIds } of release.genomeScores()) {
    for (let row = 0; row < length; row++) {
      line++;
      if (movieIds[row] !== movieId) continue;
      const before = lineOfTag.get(genomeTagIds[row]);
      if (before !== undefined) {
        return new MalformedLineError(
          GENOME_SCORES,
          line,
          `movie ${movieId} has tag ${genomeTagIds[row]} in line ${before} already.`,
        );
      }
      lineOfTag.set(genomeTagIds[row], line);
    }
  }
  return undefined;
}
