/** Every TypeORM entity of the product, found by its file's name. */
import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { getMetadataArgsStorage } from 'typeorm';
import type { EntityClass } from '../../src/database/database';

const SRC = join(__dirname, '..', '..', 'src');

for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
  if (file.endsWith('.entity.ts')) require(join(SRC, file));
}

export const ENTITIES: readonly EntityClass[] = getMetadataArgsStorage().tables.map(
  (table) => table.target as EntityClass,
);
