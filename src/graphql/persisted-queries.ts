/** Automatic persisted queries: documents by their SHA-256, so that a client sends the hash alone.
 *  Only documents that passed every limit get in (Apollo stores one after its validation and ours),
 *  and the longest unused go first. */
import { LRUCache } from 'lru-cache';

const MOST_DOCUMENTS = 1_000;
const MOST_CHARACTERS = 8_000_000;

/** In the shape that Apollo asks for. */
export class PersistedQueries {
  private readonly documents = new LRUCache<string, string>({
    max: MOST_DOCUMENTS,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (query) => query.length,
  });

  async get(hash: string): Promise<string | undefined> {
    return this.documents.get(hash);
  }

  async set(hash: string, query: string): Promise<void> {
    this.documents.set(hash, query);
  }

  async delete(hash: string): Promise<boolean> {
    return this.documents.delete(hash);
  }
}
