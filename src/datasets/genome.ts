/** The tag genome (Vig, Sen and Riedl 2012) of 20M, 25M and `latest`: one relevance for each of
 *  some 13,000 movies × 1,128 tags. */
import { checkHeader, csvRecords } from './csv';
import { MalformedLineError, quoted } from './errors';
import type { ReleaseFiles } from './files';
import { type IdSet, storable, wholeNumber } from './ids';
import { type LineBlock, lineBlocks } from './lines';
import type { GenomeScoreBatch, GenomeTag } from './release';

export const GENOME_TAGS = 'genome-tags.csv';
export const GENOME_SCORES = 'genome-scores.csv';
const SCORES_HEADER = ['movieId', 'tagId', 'relevance'];
/** 15.6 million lines in 25M: batches of columns, as for ratings. */
const RELEVANCE = /^(?:\d(?:\.\d{1,20})?(?:[eE]-\d{1,3})?)$/;

export async function readGenomeTags(files: ReleaseFiles): Promise<GenomeTag[]> {
  if (!files.has(GENOME_TAGS)) return [];
  const tags: GenomeTag[] = [];
  const seen = new Set<number>();
  for await (const { records } of csvRecords(files, GENOME_TAGS, ['tagId', 'tag'])) {
    for (const { fields, line } of records) {
      const id = wholeNumber(fields[0], 'the tag id', GENOME_TAGS, line);
      if (seen.has(id)) throw new MalformedLineError(GENOME_TAGS, line, `tag ${id} is there twice.`);
      if (fields[1].trim() === '') throw new MalformedLineError(GENOME_TAGS, line, 'the tag is empty.');
      seen.add(id);
      tags.push({ id, name: storable(fields[1], 'the tag', GENOME_TAGS, line) });
    }
  }
  return tags;
}

/** @throws MalformedLineError for the first line that is not `movie, tag, relevance` of a known
 *    movie and genome tag */
export async function* readGenomeScores(
  files: ReleaseFiles,
  movies: IdSet,
  tags: IdSet,
): AsyncGenerator<GenomeScoreBatch> {
  if (!files.has(GENOME_SCORES)) return;
  let headerSeen = false;
  let blank = 0;
  for await (const block of lineBlocks(files, GENOME_SCORES)) {
    const lines = splitLines(block);
    const movieIds = new Int32Array(lines.length);
    const genomeTagIds = new Int32Array(lines.length);
    const relevances = new Float32Array(lines.length);
    let length = 0;
    for (const [index, text] of lines.entries()) {
      const line = block.firstLine + index;
      if (!headerSeen) {
        headerSeen = true;
        checkHeader(GENOME_SCORES, text.split(','), SCORES_HEADER);
        continue;
      }
      if (text === '') {
        blank ||= line;
        continue;
      }
      if (blank > 0) throw new MalformedLineError(GENOME_SCORES, blank, 'the line is empty.');
      const fields = text.split(',');
      if (fields.length !== 3)
        throw new MalformedLineError(GENOME_SCORES, line, `expected 3 fields, found ${fields.length}.`);
      movieIds[length] = known(
        movies,
        wholeNumber(fields[0], 'the movie id', GENOME_SCORES, line),
        'movie',
        line,
      );
      genomeTagIds[length] = known(
        tags,
        wholeNumber(fields[1], 'the tag id', GENOME_SCORES, line),
        'genome tag',
        line,
      );
      const relevance = RELEVANCE.test(fields[2]) ? Number(fields[2]) : Number.NaN;
      if (!(relevance >= 0 && relevance <= 1)) {
        throw new MalformedLineError(
          GENOME_SCORES,
          line,
          `a relevance must be between 0 and 1, not ${quoted(fields[2])}.`,
        );
      }
      relevances[length++] = relevance;
    }
    yield {
      length,
      movieIds: movieIds.subarray(0, length),
      genomeTagIds: genomeTagIds.subarray(0, length),
      relevances: relevances.subarray(0, length),
      bytesRead: block.bytesRead,
    };
  }
  if (!headerSeen) checkHeader(GENOME_SCORES, [''], SCORES_HEADER);
}

/** All figures: what is not ASCII is refused by the fields' own checks. */
function splitLines(block: LineBlock): string[] {
  const lines = block.bytes.toString('latin1').replaceAll('\r\n', '\n').split('\n');
  lines.pop();
  return lines;
}

function known(ids: IdSet, id: number, what: string, line: number): number {
  if (ids.has(id)) return id;
  throw new MalformedLineError(GENOME_SCORES, line, `there is no ${what} ${id} in this release.`);
}
