/** What a ranking for a person answers with, its explanations, and how it would change. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { MovieRow, TagRow } from '../catalog/loaders';
import { Movie } from '../catalog/movie.entity';
import { Tag } from '../catalog/tag.entity';
import { graphqlEnum } from '../request/graphql-enum';
import { explain } from '../serving/ranker/explanation';
import type { RankedMovies, RankingSource } from '../serving/ranker/ranking';

@ObjectType({ description: 'A movie the user has rated, near the recommended one.' })
export class RatedNeighbour {
  @Field(() => Movie, { description: 'The rated movie.' })
  movie: MovieRow;

  @Field(() => Float, { description: "The user's rating in stars, 0.5 to 5." })
  stars: number;

  @Field(() => Float, {
    description: 'Euclidean distance between the rated movie and the recommended one.',
  })
  distance: number;

  @Field(() => Float, {
    nullable: true,
    description:
      "Increase of the movie's distance if this rating were left out of the user's point; " +
      'negative if the rating pushes the movie away. Null if the rating is not part of the ' +
      'point or the model cannot tell.',
  })
  contribution: number | null;
}

@ObjectType({ description: 'A tag near the recommended movie.' })
export class TagNeighbour {
  @Field(() => Tag, { description: 'The tag.' })
  tag: TagRow;

  @Field(() => Float, {
    description: "Euclidean distance between the tag's point and the query point of this user and movie.",
  })
  distance: number;
}

@ObjectType({ description: 'Reasons for the position of a movie in a list.' })
export class Explanation {
  @Field(() => [RatedNeighbour], {
    description: 'Up to 3 movies the user has rated, ordered by distance to the recommended movie.',
  })
  nearestRated: readonly RatedNeighbour[];

  @Field(() => [TagNeighbour], {
    description: 'Up to 5 tags that this user would likely give the movie, nearest first.',
  })
  nearTags: readonly TagNeighbour[];

  @Field(() => Float, {
    description:
      'Percentage of all movies, rated ones included, that are nearer to the user; 0 for ' +
      'the nearest. If `source` is `DEMOGRAPHIC` or `POPULAR`: percentage of movies with ' +
      'more ratings.',
  })
  distancePercentile: number;
}

export const RecommendationSource = graphqlEnum(
  'RecommendationSource',
  'What a recommendation is based on.',
  {
    PERSONAL: "The user's point, computed from all their ratings so far.",
    FOLD_IN: 'A point computed from the taste given in the request.',
    DEMOGRAPHIC:
      "The user's demographics, without a point: movies are ordered by number of ratings " +
      'from users of the same gender, age group and occupation.',
    POPULAR:
      'Popularity: no model is published yet, or nothing is known of the user. Movies are ' +
      'ordered by number of ratings.',
  },
);

@ObjectType({ description: 'A recommended movie and its distance from the user.' })
export class Recommendation {
  @Field(() => Int, { description: 'Rank in the list, from 1.' })
  rank: number;

  @Field(() => Movie, {
    description: 'The movie; one the user has rated only if `filter.seen` allows it.',
  })
  movie: MovieRow;

  @Field(() => Float, {
    description:
      "Euclidean distance between the user's point and the movie's point, comparable within " +
      'one model only. Ascends within a list unless `options` or `filter.nearTagIds` change ' +
      'the order. 0 if `source` is `DEMOGRAPHIC` or `POPULAR`.',
  })
  distance: number;

  @Field(() => RecommendationSource, { description: 'What the distance is measured from.' })
  source: RankingSource;

  /** The answer that it is part of; not a field. */
  answer: RankedMovies;

  @Field(() => Explanation, {
    description: 'Reasons for the recommendation. Computed only if requested.',
    complexity: 20,
  })
  explanation(): Explanation {
    return explain(this.answer)[this.rank - 1];
  }
}

/** @returns one object per movie of the ranking, without a promise among them */
export function toRecommendations(ranked: RankedMovies): Recommendation[] {
  const { movies } = ranked.viewer.state.catalog;
  const answer = new Array<Recommendation>(ranked.rows.length);
  for (let i = 0; i < answer.length; i++) {
    const recommendation = new Recommendation();
    recommendation.rank = i + 1;
    recommendation.movie = movies[ranked.rows[i]];
    recommendation.distance = ranked.distances[i];
    recommendation.source = ranked.source;
    recommendation.answer = ranked;
    answer[i] = recommendation;
  }
  return answer;
}

@ObjectType({ description: 'A movie whose rank would change.' })
export class RankChange {
  @Field(() => Movie, { description: 'The movie.' })
  movie: MovieRow;

  @Field(() => Int, {
    nullable: true,
    description: 'Rank before the change, from 1; null if not in the list.',
  })
  rankBefore: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Rank after the change; null if not in the list.',
  })
  rankAfter: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "Euclidean distance to the user's point before the change; null if the user has no " + 'point.',
  })
  distanceBefore: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "Euclidean distance to the user's point after the change; null if the user would have " + 'no point.',
  })
  distanceAfter: number | null;
}

@ObjectType({
  description: 'A hypothetical list after rating changes, and its differences from the current list.',
})
export class WhatIf {
  @Field(() => [Recommendation], { description: 'The hypothetical list.' })
  recommendations: Recommendation[];

  @Field(() => [RankChange], { description: 'Movies that would enter the list, best first.' })
  entered: RankChange[];

  @Field(() => [RankChange], { description: 'Movies that would leave the list, best first.' })
  left: RankChange[];

  @Field(() => [RankChange], {
    description: 'Movies that would change rank, in order of their new rank.',
  })
  moved: RankChange[];
}

/** @param before the list as it is @param after as it would be */
export function toWhatIf(before: RankedMovies, after: RankedMovies): WhatIf {
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
  return point === null ? null : (state.model?.distanceTo(row, point) ?? null);
}
