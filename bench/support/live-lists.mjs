/** The lists of the product over a trained tower and ml-latest-small, without a server: for the
 *  studies of lists.
 *  @import { UserHistory } from '#dist/interactions/interaction-log.js' */
import 'reflect-metadata';
import { itemPopularity } from '#dist/evaluation/item-popularity.js';
import { readTowerSpace } from '#dist/models/metric-tower/space.js';
import { loadKernel } from '#dist/numeric/kernel.js';
import { LiveModel, placeMovies } from '#dist/serving/models/live-model.js';
import { createViewer } from '#dist/serving/ranker/ranking.js';
import { CatalogSnapshot } from '#dist/serving/states/catalog-snapshot.js';
import { TagIndex } from '#dist/serving/states/tag-index.js';
import { readMovies } from './seed-files.mjs';
import { trainedTower } from './trained-tower.mjs';

/** Rows of the catalog are the dense items of the data.
 *  @param {string} file of the trained tower
 *  @returns model and catalog, the split, tag ids by name, and a viewer of any history */
export async function liveLists(file) {
  const { artifact, dataset, split } = await trainedTower(file);
  const space = readTowerSpace(artifact);
  const byId = new Map(readMovies().map((movie) => [movie.id, movie]));
  const movies = Array.from(space.itemIds).flatMap((id) => byId.get(id) ?? []);
  const popularity = itemPopularity(split.trainingData.interactions);
  const ratingCounts = new Map(movies.map(({ id }, row) => [id, popularity.counts[row]]));
  const tags = Array.from(space.tagIds, (id) => ({ id, name: dataset.tagNames.get(id) ?? '' }));
  const { taggings } = split.trainingData;
  /** @type {Map<number, Set<number>>} */
  const carried = new Map();
  taggings.tagIndex.forEach((tag, n) => {
    const movieId = space.itemIds[taggings.itemIndex[n]];
    carried.set(movieId, (carried.get(movieId) ?? new Set()).add(space.tagIds[tag]));
  });
  const byMovie = new Map([...carried].map(([movieId, set]) => [movieId, [...set]]));
  const catalog = new CatalogSnapshot({ movies, tags, ratingCounts, taggings: new TagIndex(byMovie) });
  const placement = placeMovies(space, movies, new Map(), loadKernel('scan'));
  const model = new LiveModel(1, catalog, placement);
  /** @param {UserHistory} history */
  const viewerOf = (history) => {
    const rated = {
      movieIds: Int32Array.from(history.items, (item) => space.itemIds[item]),
      stars: history.values,
      timestamps: history.timestamps,
      demographics: history.demographics,
    };
    return createViewer({ catalog, model }, rated, model.userPoint(rated));
  };
  return {
    model,
    catalog,
    split,
    popularity,
    viewerOf,
    tagIds: new Map(tags.map(({ id, name }) => [name.toLowerCase(), id])),
  };
}
