/** Ratings without a user: of a visitor without an account, or of a new account. */
import { Field, Float, ID, InputType } from 'type-graphql';
import { parseId, requireAtMost, requireStars } from '../request/parameters';

export const MOST_RATINGS = 500;

@InputType({ description: 'A movie with a star rating.' })
export class TasteRatingInput {
  @Field(() => ID, { description: 'The movie.' })
  movieId: string;

  @Field(() => Float, { description: 'Stars, from 0.5 to 5 in halves.' })
  value: number;
}

export interface StarRating {
  readonly movieId: number;
  readonly value: number;
}

/** @param field the argument's path, such as `input.ratings`
 *  @throws BadUserInputError naming the entry that is at fault, or the list when it is too long;
 *    whether the movies exist is left open */
export function readStarRatings(
  field: string,
  ratings: readonly TasteRatingInput[] | null | undefined,
): StarRating[] {
  return requireAtMost(MOST_RATINGS, field, ratings).map(({ movieId, value }, i) => ({
    movieId: parseId(`${field}.${i}.movieId`, movieId),
    value: requireStars(`${field}.${i}.value`, value),
  }));
}
