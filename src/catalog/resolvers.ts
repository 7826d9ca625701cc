/** The catalog's part of the schema. */
import type { Database } from '../database/database';
import type { CatalogListener } from './catalog-listener';
import { CatalogLoaders } from './loaders';
import { MovieResolver } from './movie.resolver';
import { RatingResolver } from './rating.resolver';
import { TagResolver } from './tag.resolver';
import { TaggingResolver } from './tagging.resolver';
import { UserResolver } from './user.resolver';

export function createCatalogResolvers(database: Database, listener: CatalogListener): object[] {
  const loaders = new CatalogLoaders(database);
  return [
    new MovieResolver(database, loaders, listener),
    new UserResolver(database, loaders, listener),
    new TagResolver(database, loaders),
    new RatingResolver(database, loaders, listener),
    new TaggingResolver(database, loaders, listener),
  ];
}
