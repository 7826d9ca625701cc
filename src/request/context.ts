/** What a request carries: who is calling, its id for the log, and loaders that live as long as
 *  it. */
import type DataLoader from 'dataloader';
import type { CallerRole } from './access-rules';

/** `extensions.cost` of every answer to an operation. */
export interface Price {
  readonly requested: number;
  readonly limit: number;
}

export class RequestContext implements CallerRole {
  /** What the operation costs, once that is known. */
  price: Price | undefined;
  private loaders: Map<string, unknown> | undefined;

  constructor(
    readonly role: CallerRole['role'],
    readonly requestId: string,
    /** The user that a USER is bound to. */
    readonly userId: number | null = null,
  ) {}

  /** One loader of each name per request, made on first use: `loader('moviesById', () => new
   *  DataLoader(…))`. */
  loader<Key, Value>(name: string, create: () => DataLoader<Key, Value>): DataLoader<Key, Value> {
    this.loaders ??= new Map();
    let found = this.loaders.get(name) as DataLoader<Key, Value> | undefined;
    if (!found) {
      found = create();
      this.loaders.set(name, found);
    }
    return found;
  }

  /** A mutation calls it after its write, so that what is read next is what was written. */
  clearLoaders(): void {
    this.loaders = undefined;
  }
}
