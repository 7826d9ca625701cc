/** The taste of someone without an account. */
import { Field, ID, InputType } from 'type-graphql';
import { MOST_RATINGS, readStarRatings, TasteRatingInput } from '../catalog/taste-rating.input';
import { BadUserInputError } from '../errors';
import { parseId } from '../request/parameters';
import type { Taste } from '../serving/ranker/taste';

@InputType({
  description:
    'What one likes, without an account. Nothing of it is stored. At least one part should say something: without any, the answer is what is popular.',
})
export class TasteInput {
  @Field(() => [ID], {
    nullable: true,
    description: 'Movies that one likes; each counts as rated with five stars. At most 500.',
  })
  likedMovieIds?: string[] | null;

  @Field(() => [TasteRatingInput], {
    nullable: true,
    description: 'Movies with stars, oldest first. At most 500.',
  })
  ratings?: TasteRatingInput[] | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Tags that one likes; each counts as the 5 movies nearest to it, rated with five stars, which may still be recommended. At most 500.',
  })
  likedTagIds?: string[] | null;
}

/** @param known what exists
 *  @throws BadUserInputError naming the entry that is at fault */
export function readTaste(
  input: TasteInput,
  known: { readonly movie: (id: number) => boolean; readonly tag: (id: number) => boolean },
): Taste {
  const required = (field: string, id: number, exists: (id: number) => boolean, entity: string): number => {
    if (!exists(id)) throw new BadUserInputError(field, `${field}: there is no ${entity} with id ${id}.`);
    return id;
  };
  const ids = (
    field: string,
    list: readonly string[] | null | undefined,
    exists: (id: number) => boolean,
    entity: string,
  ) =>
    limited(field, list).map((id, i) =>
      required(`${field}.${i}`, parseId(`${field}.${i}`, id), exists, entity),
    );
  const ratings = readStarRatings('taste.ratings', input.ratings);
  ratings.forEach(({ movieId }, i) => {
    required(`taste.ratings.${i}.movieId`, movieId, known.movie, 'movie');
  });
  return {
    likedMovieIds: ids('taste.likedMovieIds', input.likedMovieIds, known.movie, 'movie'),
    ratings,
    likedTagIds: ids('taste.likedTagIds', input.likedTagIds, known.tag, 'tag'),
  };
}

function limited<T>(field: string, list: readonly T[] | null | undefined): readonly T[] {
  if ((list?.length ?? 0) > MOST_RATINGS)
    throw new BadUserInputError(
      field,
      `${field} may have ${MOST_RATINGS} entries at most; got ${list?.length}.`,
    );
  return list ?? [];
}
