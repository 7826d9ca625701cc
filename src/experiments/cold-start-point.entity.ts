/** The curve of cold start as it is stored with an experiment: how good its lists are where few
 *  ratings of a person, or of a movie, are known. One table for both: an experiment's protocol says
 *  which it is, and no protocol has both. */
import { join } from 'node:path';
import type pg from 'pg';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { sqlFile } from '../database/sql';
import type { ColdStartRow } from '../evaluation/cold-start/curve';
import { measurementName } from '../evaluation/metrics';
import { MetricName } from './enums';

const SQL = join(__dirname, 'sql');

@Entity('cold_start_point')
@ObjectType({
  description: 'How good lists are with so many known ratings of a new user, or of each new movie.',
})
export class ColdStartPoint {
  @PrimaryColumn('integer', { name: 'experiment_id' })
  experimentId: number;

  @PrimaryColumn('integer', { name: 'known_ratings' })
  @Field(() => Int, {
    description:
      "Under `NEW_USERS`, the user's first so many ratings are known, and the next ten are to be found in the whole catalogue. With 0, every system is answered from the prior: popularity, within demographic groups where they are known. " +
      'Under `COLD_ITEMS`, so many ratings of each new movie, at random, were in training (the same and more at the next point), and whoever rated it otherwise is to find it among the new movies: those of the test split with 25 ratings or more.',
  })
  knownRatings: number;

  @PrimaryColumn('text')
  @Field(() => MetricName, { description: 'What was measured.' })
  name: MetricName;

  @Column('double precision')
  @Field(() => Float, { description: 'Mean over the users.' })
  mean: number;

  @Column('double precision', { name: 'ci_low' })
  @Field(() => Float, { description: 'Lower end of the 95 % confidence interval of the mean.' })
  ciLow: number;

  @Column('double precision', { name: 'ci_high' })
  @Field(() => Float, { description: 'Upper end of the 95 % confidence interval of the mean.' })
  ciHigh: number;

  @Column('integer')
  @Field(() => Int, {
    description:
      'Number of users it was measured on, the same ones at every point: new ones under `NEW_USERS`, those who have a new movie to find under `COLD_ITEMS`.',
  })
  users: number;
}

/** Part of the caller's transaction. */
export async function saveColdStart(
  client: pg.PoolClient,
  experimentId: number,
  rows: readonly ColdStartRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const stored = rows.map((row) => ({ ...row, name: measurementName(row.metric, row.k) }));
  const columns = (['knownRatings', 'name', 'mean', 'ciLow', 'ciHigh', 'users'] as const).map((column) =>
    stored.map((row) => row[column]),
  );
  await client.query(sqlFile(SQL, 'insert-cold-start'), [experimentId, ...columns]);
}
