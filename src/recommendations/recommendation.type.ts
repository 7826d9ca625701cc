/** What a ranking for a person answers with. */
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Movie } from '../catalog/movie.entity';
import { explain } from '../serving/ranker/explanation';
import type { RankedMovies } from '../serving/ranker/ranking';
import { Explanation } from './explanation.type';

export enum RecommendationSource {
  PERSONAL = 'PERSONAL',
  FOLD_IN = 'FOLD_IN',
  DEMOGRAPHIC = 'DEMOGRAPHIC',
  POPULAR = 'POPULAR',
}

registerEnumType(RecommendationSource, {
  name: 'RecommendationSource',
  description: 'What a recommendation was measured from.',
  valuesConfig: {
    PERSONAL: {
      description: "The user's point, computed from everything that the user has rated until now.",
    },
    FOLD_IN: { description: 'A point computed for this request from the taste that came with it.' },
    DEMOGRAPHIC: {
      description:
        'No point, but something is known of the user besides ratings: movies come in order of how many of the same gender, age group and occupation rated them.',
    },
    POPULAR: {
      description:
        'No point: no model is published yet, or nothing is known of the taste. Movies come in order of their number of ratings.',
    },
  },
});

@ObjectType({ description: 'A movie, and how near it lies to the user.' })
export class Recommendation {
  @Field(() => Int, { description: 'Place in the answer, from 1.' })
  rank: number;

  @Field(() => Movie, {
    description: 'The movie; never one that the user has rated, unless the filter asks for such.',
  })
  movie: Movie;

  @Field(() => Float, {
    description:
      "Euclidean distance between the user's point and the movie's point in the model's space. It ascends within a list, unless `options` or " +
      '`filter.nearTagIds` order the list by more than nearness: it stays the true distance then, and need not ascend. ' +
      'Comparable within one model only. 0 where `source` is `DEMOGRAPHIC` or `POPULAR`: there is no point to measure from, and the order is that of the number of ratings.',
  })
  distance: number;

  @Field(() => RecommendationSource, { description: 'What the distance was measured from.' })
  source: RecommendationSource;

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
    recommendation.source = RecommendationSource[ranked.source];
    recommendation.answer = ranked;
    answer[i] = recommendation;
  }
  return answer;
}
