/** Rows → CSV as MovieLens writes it: a header, commas, `\n`, quotes where a comma, a quote or a
 *  line break stands. */
import { stringify } from 'csv-stringify/sync';

export type CsvValue = string | number | null;

/** As slow as its reader: a batch is asked for when the one before has been taken.
 *  @param batches rows in the order of the columns */
export async function* csvText(
  columns: readonly string[],
  batches: AsyncIterable<readonly (readonly CsvValue[])[]>,
): AsyncGenerator<string> {
  yield stringify([[...columns]]);
  for await (const batch of batches) if (batch.length > 0) yield stringify(batch.map((row) => [...row]));
}
