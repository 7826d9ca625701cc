/** The year in a movie's title. */

/**
 *  MovieLens ends a title with the year in brackets: `(1999)`; for a series its first,
 *  `(2006–2007)`, `(2009– )`. 100K adds a medium or a number, `(1995) (V)`, `(1996/I)`; some titles
 *  have spaces or a bracket too many behind.
 */
const TRAILING_YEAR = /\((\d{4})(?:\/[IVX]+)?(?:\s*[-–—]\s*(?:\d{4})?)?\s*\)+(?:\s*\((?:V|TV|VG)\))?\s*$/u;

/** @returns the year of release, or null where the title gives none that a film can have (1870 to
 *    2100) */
export function yearOfTitle(title: string): number | null {
  const year = Number(TRAILING_YEAR.exec(title)?.[1] ?? Number.NaN);
  return year >= 1870 && year <= 2100 ? year : null;
}
