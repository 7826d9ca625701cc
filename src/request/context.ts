/** What every resolver may ask of the request: who is calling, and loaders that live as long as it.
 *  Imports no room but the rules. */
import type DataLoader from 'dataloader';
import type { CallerRole } from './access-rules';

export interface RequestContext extends CallerRole {
  /** One loader of each name per request, made on first use: `loader('moviesById', () => new
   *  DataLoader(…))`. */
  loader<Key, Value>(name: string, create: () => DataLoader<Key, Value>): DataLoader<Key, Value>;
  /** Drops the loaders: a mutation calls it after its write, so that what is read next is what was
   *  written. */
  forget(): void;
}
