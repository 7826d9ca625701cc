/** The connection types of the catalog. */
import { connectionType } from '../request/connection';
import type { MovieRow, RatingRow, TaggingRow, TagRow, UserRow } from './loaders';
import { Movie } from './movie.entity';
import { Rating } from './rating.entity';
import { Tag } from './tag.entity';
import { Tagging } from './tagging.entity';
import { User } from './user.entity';

export const MovieConnection = connectionType<MovieRow>(() => Movie, 'Movie', 'movie');
export const UserConnection = connectionType<UserRow>(() => User, 'User', 'user');
export const TagConnection = connectionType<TagRow>(() => Tag, 'Tag', 'tag');
export const RatingConnection = connectionType<RatingRow>(() => Rating, 'Rating', 'rating');
export const TaggingConnection = connectionType<TaggingRow>(() => Tagging, 'Tagging', 'tagging');
