/** One request's context: who is calling, its id for the log, and loaders that live as long as
 *  it. */
import type DataLoader from 'dataloader';
import type { CallerRole } from '../request/access-rules';
import type { RequestContext } from '../request/context';
import type { Price } from './operation-guard';

export class ServerContext implements RequestContext {
  /** What the operation costs, once that is known. */
  price: Price | undefined;
  private loaders: Map<string, unknown> | undefined;

  constructor(
    readonly role: CallerRole['role'],
    readonly requestId: string,
    /** The user whom a USER is. */
    readonly userId: number | null = null,
  ) {}

  loader<Key, Value>(name: string, create: () => DataLoader<Key, Value>): DataLoader<Key, Value> {
    this.loaders ??= new Map();
    let found = this.loaders.get(name) as DataLoader<Key, Value> | undefined;
    if (!found) {
      found = create();
      this.loaders.set(name, found);
    }
    return found;
  }

  /** Drops the loaders and what they remember. */
  forget(): void {
    this.loaders = undefined;
  }
}
