/** The database with all entities and migrations: where the server and the commands start from. */
import { ApiKey } from './access/api-key.entity';
import { Movie } from './catalog/movie.entity';
import { Rating } from './catalog/rating.entity';
import { Tag } from './catalog/tag.entity';
import { Tagging } from './catalog/tagging.entity';
import { User } from './catalog/user.entity';
import type { Config } from './config';
import { type Database, openDatabase } from './database/database';
import { migrate } from './database/migrate';
import { experimentEntities } from './experiments/entities';

const ENTITIES = [User, Movie, Tag, Rating, Tagging, ApiKey, ...experimentEntities] as const;

/** @param role `owner` for the server, `guest` for a command that may run beside it
 *  @throws DatabaseUnavailableError, DataDirectoryInUseError, DatabaseVersionError,
 *  MigrationError */
export async function openMigrated(
  config: Pick<Config, 'databaseUrl' | 'dataDir' | 'databasePoolSize'>,
  role: 'owner' | 'guest',
  onProgress?: (message: string) => void,
): Promise<Database> {
  const { databaseUrl, dataDir, databasePoolSize: poolSize } = config;
  const database = await openDatabase({
    databaseUrl,
    dataDir,
    poolSize,
    entities: ENTITIES,
    role,
    ...(onProgress && { onProgress }),
  });
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
