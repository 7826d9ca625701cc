/** What lies near a movie or a tag in the space in service: tags and movies, by distance. */
import type { Movie } from '../../catalog/movie.entity';
import { meanPoint } from '../../models/metric-tower/feature-tower';
import type { LiveModel, NearTag } from '../models/live-model';
import { modelOf, type Recommender, rowOf } from '../recommender';

export interface NearMovie {
  readonly movie: Movie;
  readonly distance: number;
}

export class Surroundings {
  constructor(private readonly recommender: Recommender) {}

  /** The tags nearest to a movie.
   *  @throws NotFoundError, ModelNotReadyError */
  tagsNearMovie(movieId: number, k: number): NearTag[] {
    const { live } = this.recommender;
    const model = modelOf(live);
    return model.tagsNear(model.space.tagQueryPoint({ itemPoint: model.pointOf(rowOf(live, movieId)) }), k);
  }

  /** The movies nearest to a tag; none for a tag without a point.
   *  @throws ModelNotReadyError */
  moviesNearTag(tagId: number, k: number): NearMovie[] {
    const model = modelOf(this.recommender.live);
    const point = this.pointOfTag(model, tagId);
    if (point === null) return [];
    const { rows, distances } = model.scan.nearest(point, k);
    return rows.map((row, i) => ({ movie: model.catalog.movies[row], distance: distances[i] }));
  }

  /** The tags nearest to a tag; none for a tag without a point.
   *  @throws ModelNotReadyError */
  tagsNearTag(tagId: number, k: number): NearTag[] {
    const model = modelOf(this.recommender.live);
    const point = this.pointOfTag(model, tagId);
    return point === null ? [] : model.tagsNear(point, k, new Set([tagId]));
  }

  /** Where training put the tag; one that came after it lies in the middle of the movies that carry
   *  it.
   *  @returns [d]; null when no movie carries it */
  private pointOfTag(model: LiveModel, tagId: number): Float32Array | null {
    const learned = model.tagPoint(tagId);
    if (learned !== null) return learned;
    const rows = model.catalog.taggings
      .moviesWith(tagId)
      .map((id) => model.catalog.rowOf(id))
      .filter((row) => row !== undefined);
    return rows.length === 0 ? null : meanPoint(model.placement.points, rows, model.space.embeddingSize);
  }
}
