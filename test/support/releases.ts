/** Small releases in every format of MovieLens, written by the tests, and what a database holds, as
 *  comparable values. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import type { Database } from '../../src/database/database';

export type Files = Record<string, string | Buffer>;

export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

export const CSV: Files = {
  'movies.csv':
    'movieId,title,genres\n' +
    '1,Toy Story (1995),Adventure|Animation\n' +
    '2,"Misérables, Les (1995)",Drama\n' +
    '7,"""Great Performances"" Cats (1998)",(no genres listed)\n' +
    '9,Death Note (2006–2007),Horror\n',
  'links.csv': 'movieId,imdbId,tmdbId\n1,0114709,862\n2,0113828,\n7,0173714,22345\n9,0877057,13916\n',
  'ratings.csv':
    'userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,0.5,964982703\n4,1,5.0,847117005\n4,9,3.5,847117006\n',
  'tags.csv':
    'userId,movieId,tag,timestamp\n' +
    '1,1,Pixar,1139045764\n' +
    '1,1,pixar ,1139045765\n' +
    '8,9,"anime, dark",1139045766\n' +
    '4,9,  ,1139045767\n' +
    '4,9,PIXAR,1139045768\n',
  'genome-tags.csv': 'tagId,tag\n1,007\n2,pixar\n',
  'genome-scores.csv': 'movieId,tagId,relevance\n1,1,0.025000000000000022\n1,2,0.99975\n9,1,9.99999E-4\n',
};

export const ONE_M: Files = {
  'movies.dat': latin1("1::Toy Story (1995)::Animation|Children's\n2::Misérables, Les (1995)::Drama\n"),
  'users.dat': '1::F::1::10::48067\n2::M::56::16::70072\n3::M::25::0::55117-1234\n',
  'ratings.dat': '1::1::5::978300760\n1::2::3::978302109\n2::2::4::978301968\n',
};

export const TEN_M: Files = {
  'movies.dat': '1::Toy Story (1995)::Adventure\n2::Misérables, Les (1995)::Drama\n',
  'ratings.dat': '1::1::5::838985046\n3::2::3.5::838983525\n',
  'tags.dat': '15::1::excellent!::1215184630\n20::2::a::b::1188263867\n20::2:: ::1188263868\n',
};

const flags = (...on: number[]): string =>
  Array.from({ length: 19 }, (_, index) => (on.includes(index) ? 1 : 0)).join('|');

export const HUNDRED_K: Files = {
  'u.data': '196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t267\t5\t881250949\n',
  'u.item': latin1(
    `242|Kolya (1996)|24-Jan-1997||http://us.imdb.com/M/title-exact?Kolya%20(1996)|${flags(5)}\n` +
      `267|unknown||||${flags(0)}\n` +
      `302|Misérables, Les (1995) (V)|01-Jan-1995||http://us.imdb.com/|${flags(1, 8)}\n`,
  ),
  'u.user': '186|39|F|executive|00000\n196|49|M|writer|55105\n200|7|F|student|V3N4P\n',
  'u.occupation': 'executive\nwriter\nstudent\n\n',
  'u.genre': 'unknown|0\nAction|1\n\n',
};

export function writeRelease(folder: string, files: Files): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export interface ZipTricks {
  /** Uncompressed size as the archive states it. */
  readonly claimedSize?: number;
  readonly wrongCrc?: boolean;
}

/** A .zip with the files deflated, written by hand so that it can lie. */
export function zipOf(files: Files, tricks: ZipTricks = {}): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content as string);
    const packed = deflateRawSync(data);
    const sum = crc32(data) ^ (tricks.wrongCrc ? 1 : 0);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x0800, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(sum >>> 0, 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(tricks.claimedSize ?? data.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const header = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), fields, tail, Buffer.from(name)]),
    );
    local.push(header);
    offset += header.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(central.length, 4);
  end.writeUInt16LE(central.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}

/** Every column that two equal loads share: not the time of the load. */
const CONTENTS = {
  app_user: 'id, gender, age, occupation, zip_code',
  movie: 'id, title, year, genres, imdb_id, tmdb_id',
  tag: 'id, name, key',
  rating: 'user_id, movie_id, value, rated_at, ordinal',
  tagging: 'user_id, movie_id, tag_id, tagged_at, ordinal',
  genome_score: 'movie_id, tag_id, relevance',
  seeding: 'dataset, source_hash, users, movies, ratings, taggings, genome_scores',
} as const;

export type Contents = Record<string, { rows: number; sha256: string }>;

/** Rows and SHA-256 of each table, keys and indices by definition, and the next ids. */
export async function contentsOf(database: Database): Promise<Contents> {
  const contents: Contents = {};
  const note = (name: string, rows: unknown[]) => {
    contents[name] = {
      rows: rows.length,
      sha256: createHash('sha256').update(JSON.stringify(rows)).digest('hex'),
    };
  };
  for (const [table, columns] of Object.entries(CONTENTS)) {
    note(table, await database.query(`select ${columns} from ${table} order by ${columns}`));
  }
  note(
    'constraints',
    await database.query(
      `select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as definition, convalidated
       from pg_constraint where conrelid::regclass::text = any ($1) order by 1, 2`,
      [Object.keys(CONTENTS)],
    ),
  );
  note(
    'indices',
    await database.query('select indexdef from pg_indexes where tablename = any ($1) order by 1', [
      Object.keys(CONTENTS),
    ]),
  );
  note(
    'sequences',
    await database.query(
      `select table_name, pg_sequence_last_value(pg_get_serial_sequence(table_name, 'id')::regclass) as last
       from unnest(array['app_user', 'movie', 'tag']) as table_name order by 1`,
    ),
  );
  return contents;
}
