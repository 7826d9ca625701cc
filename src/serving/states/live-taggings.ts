/** Who put which tag on what, as of now: read whole on first use, and then user by user as they
 *  change. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import { TagEvidence } from '../../models/tag-tower/tag-evidence';
import type { Post } from '../../models/tag-tower/tag-profiles';

const SQL = join(__dirname, 'sql');
/** Users read by one statement. */
const PAGE_USERS = 200;

interface Row {
  readonly userId: number;
  /** By movie. */
  readonly taggings: readonly (readonly [movieId: number, tagId: number])[];
}

export class LiveTaggings {
  private evidence = new TagEvidence();
  private building: Promise<void> | undefined;
  private updating: Promise<void> = Promise.resolve();
  private readonly dirty = new Set<number>();

  constructor(private readonly database: Database) {}

  /** The user's taggings are read again before the next answer. */
  historyChanged(userId: number): void {
    this.dirty.add(userId);
  }

  /** Everything is read again before the next answer, and takes no memory until then. */
  clear(): void {
    this.evidence = new TagEvidence();
    this.building = undefined;
    this.dirty.clear();
  }

  /** @returns the evidence with every change reported before the call; valid until the next wait */
  async upToDate(): Promise<TagEvidence> {
    const { evidence } = this;
    this.building ??= this.build(evidence).catch((error: unknown) => {
      if (evidence === this.evidence) this.clear();
      throw error;
    });
    await this.building;
    this.updating = this.updating.catch(() => undefined).then(() => this.update(evidence));
    await this.updating;
    return evidence;
  }

  private async build(evidence: TagEvidence): Promise<void> {
    for (let after = -2_147_483_648; ; ) {
      const page = await this.database.query<Row>(sqlFile(SQL, 'taggings-page'), [after, PAGE_USERS]);
      for (const row of page) evidence.replaceUser(row.userId, postsOf(row));
      if (page.length < PAGE_USERS) return;
      after = page[page.length - 1].userId;
      await nextTurn();
    }
  }

  private async update(evidence: TagEvidence): Promise<void> {
    const users = [...this.dirty];
    if (users.length === 0) return;
    this.dirty.clear();
    try {
      const rows = await this.database.query<Row>(sqlFile(SQL, 'taggings-of-users'), [users]);
      const posts = new Map(rows.map((row) => [row.userId, postsOf(row)]));
      for (const userId of users) evidence.replaceUser(userId, posts.get(userId) ?? []);
    } catch (error) {
      for (const userId of users) this.dirty.add(userId);
      throw error;
    }
  }
}

function postsOf({ userId: user, taggings }: Row): Post[] {
  const tagsOf = new Map<number, number[]>();
  for (const [item, tag] of taggings) tagsOf.set(item, [...(tagsOf.get(item) ?? []), tag]);
  return Array.from(tagsOf, ([item, tags]) => ({ user, item, tags }));
}
