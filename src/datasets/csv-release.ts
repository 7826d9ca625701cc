/** Movies, links and tags of the releases in csv: latest-small, 20M, 25M, 32M, latest. */
import { csvRecords } from './csv';
import { MalformedLineError } from './errors';
import type { ReleaseFiles } from './files';
import { IdSet, splitGenres, storable, title, unixTime, wholeNumber } from './ids';
import type { MovieRow, TaggingBatch } from './release';
import { storableTag } from './tags';
import { yearOfTitle } from './title';

interface Link {
  imdbId: string | null;
  tmdbId: number | null;
  line: number;
}

export async function readCsvMovies(files: ReleaseFiles): Promise<MovieRow[]> {
  const links = await readLinks(files);
  const movies: MovieRow[] = [];
  const seen = new Set<number>();
  for await (const { records } of csvRecords(files, 'movies.csv', ['movieId', 'title', 'genres'])) {
    for (const { fields, line } of records) {
      const id = wholeNumber(fields[0], 'the movie id', 'movies.csv', line);
      if (seen.has(id)) throw new MalformedLineError('movies.csv', line, `movie ${id} is there twice.`);
      seen.add(id);
      const name = title(fields[1], 'movies.csv', line);
      const genres = splitGenres(storable(fields[2], 'the genres', 'movies.csv', line));
      const link = links.get(id);
      movies.push({
        id,
        title: name,
        year: yearOfTitle(name),
        genres,
        imdbId: link?.imdbId ?? null,
        tmdbId: link?.tmdbId ?? null,
      });
    }
  }
  for (const [id, { line }] of links) {
    if (!seen.has(id))
      throw new MalformedLineError('links.csv', line, `there is no movie ${id} in this release.`);
  }
  return movies;
}

async function readLinks(files: ReleaseFiles): Promise<Map<number, Link>> {
  const links = new Map<number, Link>();
  if (!files.has('links.csv')) return links;
  for await (const { records } of csvRecords(files, 'links.csv', ['movieId', 'imdbId', 'tmdbId'])) {
    for (const { fields, line } of records) {
      const id = wholeNumber(fields[0], 'the movie id', 'links.csv', line);
      if (links.has(id)) throw new MalformedLineError('links.csv', line, `movie ${id} is there twice.`);
      if (!/^\d{0,20}$/.test(fields[1]))
        throw new MalformedLineError('links.csv', line, 'the IMDb id must be digits.');
      const tmdbId = fields[2] === '' ? null : wholeNumber(fields[2], 'the TMDb id', 'links.csv', line);
      links.set(id, { imdbId: fields[1] === '' ? null : fields[1], tmdbId, line });
    }
  }
  return links;
}

export async function* readCsvTaggings(files: ReleaseFiles, movies: IdSet): AsyncGenerator<TaggingBatch> {
  if (!files.has('tags.csv')) return;
  for await (const { records, bytesRead } of csvRecords(files, 'tags.csv', [
    'userId',
    'movieId',
    'tag',
    'timestamp',
  ])) {
    const rows = records.map(({ fields, line }) => {
      const userId = wholeNumber(fields[0], 'the user id', 'tags.csv', line);
      const movieId = wholeNumber(fields[1], 'the movie id', 'tags.csv', line);
      const time = unixTime(fields[3], 'tags.csv', line);
      if (!movies.has(movieId))
        throw new MalformedLineError('tags.csv', line, `there is no movie ${movieId} in this release.`);
      return { userId, movieId, tag: storableTag(fields[2], 'tags.csv', line), time, line };
    });
    yield { rows, bytesRead };
  }
}
