/** The releases by name, as GroupLens publishes them
 *  (https://grouplens.org/datasets/movielens/). */
import { join } from 'node:path';

export const DATASET_NAMES = ['latest-small', '100k', '1m', '10m', '20m', '25m', '32m', 'latest'] as const;
export type DatasetName = (typeof DATASET_NAMES)[number];

export const PUBLISHER_URL = 'https://files.grouplens.org/datasets/movielens/';

/** The publisher's MD5 of each archive that never changes. `latest` grows: its checksum is
 *  downloaded too. */
const PUBLISHED_MD5: Partial<Record<DatasetName, string>> = {
  '100k': '0e33842e24a9c977be4e0107933c0723',
  '1m': 'c4d9eecfca2ab87c1945afe126590906',
  '10m': 'ce571fd55effeba0271552578f2648bd',
  '20m': 'cd245b17a1ae2cc31bb14903e1204af3',
  '25m': '6b51fb2759a8657d3bfcbfc42b592ada',
  '32m': 'd472be332d4daa821edc399621853b57',
};

export interface Archive {
  readonly fileName: string;
  readonly md5: string | undefined;
}

export function isDatasetName(name: string): name is DatasetName {
  return (DATASET_NAMES as readonly string[]).includes(name);
}

export function archiveOf(name: DatasetName): Archive {
  return { fileName: `ml-${name}.zip`, md5: PUBLISHED_MD5[name] };
}

/** The one release that the package holds: its licence allows it, the others' do not. Same path
 *  from src/ and dist/. */
export const EMBEDDED_DATASET: DatasetName = 'latest-small';
export function embeddedFolder(): string {
  return join(__dirname, '..', '..', 'seeds', `ml-${EMBEDDED_DATASET}`);
}
