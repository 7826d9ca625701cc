/** How a list would change. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Movie } from '../catalog/movie.entity';
import { euclideanDistance } from '../numeric/scan';
import type { RankedMovies } from '../serving/ranker/ranking';
import type { ListChange } from '../serving/recommender';
import { Recommendation, toRecommendations } from './recommendation.type';

@ObjectType({ description: 'A movie whose place in a list would change.' })
export class RankChange {
  @Field(() => Movie, { description: 'The movie.' })
  movie: Movie;

  @Field(() => Int, {
    nullable: true,
    description: 'Its place in the list as it is, from 1; null when it is not in it.',
  })
  rankBefore: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Its place in the list as it would be; null when it would not be in it.',
  })
  rankAfter: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Its Euclidean distance to the user's point as that is; null where the user has none.",
  })
  distanceBefore: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "Its Euclidean distance to the user's point as that would be; null where the user would have none.",
  })
  distanceAfter: number | null;
}

@ObjectType({
  description:
    'A list as it would be after ratings that nobody has made, and how it differs from the list as it is.',
})
export class WhatIf {
  @Field(() => [Recommendation], { description: 'The list as it would be.' })
  recommendations: Recommendation[];

  @Field(() => [RankChange], { description: 'Movies that would come in, best first.' })
  entered: RankChange[];

  @Field(() => [RankChange], { description: 'Movies that would go out, best first.' })
  left: RankChange[];

  @Field(() => [RankChange], {
    description: 'Movies that would stay at another place, in order of their new places.',
  })
  moved: RankChange[];
}

export function toWhatIf({ before, after }: ListChange): WhatIf {
  const { movies } = after.viewer.state.catalog;
  const ranksBefore = ranksOf(before);
  const ranksAfter = ranksOf(after);
  const changeOf = (row: number): RankChange => ({
    movie: movies[row],
    rankBefore: ranksBefore.get(row) ?? null,
    rankAfter: ranksAfter.get(row) ?? null,
    distanceBefore: distanceTo(before, row),
    distanceAfter: distanceTo(after, row),
  });
  const stayed = after.rows.filter((row) => ranksBefore.has(row));
  return {
    recommendations: toRecommendations(after),
    entered: after.rows.filter((row) => !ranksBefore.has(row)).map(changeOf),
    left: before.rows.filter((row) => !ranksAfter.has(row)).map(changeOf),
    moved: stayed.filter((row) => ranksBefore.get(row) !== ranksAfter.get(row)).map(changeOf),
  };
}

/** @returns places from 1, by row */
function ranksOf({ rows }: RankedMovies): Map<number, number> {
  return new Map(rows.map((row, i) => [row, i + 1]));
}

function distanceTo({ viewer }: RankedMovies, row: number): number | null {
  const { point, state } = viewer;
  return point === null || state.model === null ? null : euclideanDistance(state.model.pointOf(row), point);
}
