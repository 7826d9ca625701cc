/** What a ranking for a person answers with, its explanations, and how it would change. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { MovieRow, TagRow } from '../catalog/loaders';
import { Movie } from '../catalog/movie.entity';
import { Tag } from '../catalog/tag.entity';
import { graphqlEnum } from '../request/graphql-enum';
import { explain } from '../serving/ranker/explanation';
import type { RankedMovies, RankingSource } from '../serving/ranker/ranking';

@ObjectType({ description: 'A movie that the user rated, near the recommended one.' })
export class RatedNeighbour {
  @Field(() => Movie, { description: 'The rated movie.' })
  movie: MovieRow;

  @Field(() => Float, { description: 'The stars that the user gave it.' })
  stars: number;

  @Field(() => Float, { description: 'Euclidean distance between the rated movie and the recommended one.' })
  distance: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'By how much farther from the user the recommended movie would lie if this rating had no part in the point of the user, in units of distance; ' +
      'negative when the rating pushes it away. Null where the rating has no part (too old for the model, or the movie is newer than it), or the model cannot tell.',
  })
  contribution: number | null;
}

@ObjectType({ description: 'A tag near the recommended movie.' })
export class TagNeighbour {
  @Field(() => Tag, { description: 'The tag.' })
  tag: TagRow;

  @Field(() => Float, {
    description:
      "Euclidean distance between the tag's point and where this user's tags for this movie would lie.",
  })
  distance: number;
}

@ObjectType({ description: 'Why a movie lies where it lies.' })
export class Explanation {
  @Field(() => [RatedNeighbour], {
    description: 'Up to 3 movies that the user rated, nearest to the recommended one first.',
  })
  nearestRated: readonly RatedNeighbour[];

  @Field(() => [TagNeighbour], { description: 'Up to 5 tags that this user would put on it, nearest first.' })
  nearTags: readonly TagNeighbour[];

  @Field(() => Float, {
    description:
      'How many per cent of all movies of the catalog, rated ones included, lie nearer to the user: 0 is the nearest of all. ' +
      'Where `source` is `DEMOGRAPHIC` or `POPULAR`: how many per cent have more ratings.',
  })
  distancePercentile: number;
}

export const RecommendationSource = graphqlEnum(
  'RecommendationSource',
  'What a recommendation was measured from.',
  {
    PERSONAL: "The user's point, computed from everything that the user has rated until now.",
    FOLD_IN: 'A point computed for this request from the taste that came with it.',
    DEMOGRAPHIC:
      'No point, but something is known of the user besides ratings: movies come in order of how many of the same gender, age group and occupation rated them.',
    POPULAR:
      'No point: no model is published yet, or nothing is known of the taste. Movies come in order of their number of ratings.',
  },
);

@ObjectType({ description: 'A movie, and how near it lies to the user.' })
export class Recommendation {
  @Field(() => Int, { description: 'Place in the answer, from 1.' })
  rank: number;

  @Field(() => Movie, {
    description: 'The movie; never one that the user has rated, unless the filter asks for such.',
  })
  movie: MovieRow;

  @Field(() => Float, {
    description:
      "Euclidean distance between the user's point and the movie's point in the model's space. It ascends within a list, unless `options` or " +
      '`filter.nearTagIds` order the list by more than nearness: it stays the true distance then, and need not ascend. ' +
      'Comparable within one model only. 0 where `source` is `DEMOGRAPHIC` or `POPULAR`: there is no point to measure from, and the order is that of the number of ratings.',
  })
  distance: number;

  @Field(() => RecommendationSource, { description: 'What the distance was measured from.' })
  source: RankingSource;

  /** The answer that it is part of; not a field. */
  answer: RankedMovies;

  @Field(() => Explanation, {
    description: 'Why the movie lies where it lies. Computed only when asked for.',
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

@ObjectType({ description: 'A movie whose place in a list would change.' })
export class RankChange {
  @Field(() => Movie, { description: 'The movie.' })
  movie: MovieRow;

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
