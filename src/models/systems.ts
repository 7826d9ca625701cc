/** All systems that can be trained. Names, the schema's enum, the command line's choices, tables
 *  and the conformance suite derive from this list. To add one, see CONTRIBUTING.md. */
import { atf } from './atf/atf';
import { attentionMlp } from './attention-mlp/attention-mlp';
import { bprMf } from './bpr-mf';
import { cml } from './cml';
import { ease } from './ease/ease';
import { implicitAls } from './implicit-als';
import { itemKnn } from './item-knn';
import { lrml } from './lrml/lrml';
import { twoTower } from './metric-tower/metric-tower';
import { nitf } from './nitf/nitf';
import { pitf } from './pitf/pitf';
import { pitfTags } from './pitf/pitf-tags';
import { popularity } from './popularity';
import type { System, Task } from './system';
import { popularTags, popularTagsByItem, popularTagsByUser, popularTagsMix } from './tag-popularity';
import { tagTower } from './tag-tower/tag-tower';

/** Ours first, then the baselines in the order of the paper's tables and those that it lacks. */
export const SYSTEMS = [
  twoTower,
  itemKnn,
  pitf,
  nitf,
  attentionMlp,
  lrml,
  cml,
  atf,
  popularity,
  bprMf,
  implicitAls,
  ease,
  popularTags,
  popularTagsByUser,
  popularTagsByItem,
  popularTagsMix,
  pitfTags,
  tagTower,
] as const;

type Listed = (typeof SYSTEMS)[number];
type NameOf<T extends Task> = Extract<Listed, { readonly task: T }>['name'];
export type MovieSystemName = NameOf<'MOVIES'>;
export type TagSystemName = NameOf<'TAGS'>;
export type SystemName = Listed['name'];

type Named<T extends Task> = System<T> & { readonly name: NameOf<T> };
export type MovieSystem = Named<'MOVIES'>;
type TagSystem = Named<'TAGS'>;
export type AnySystem = MovieSystem | TagSystem;

const all: readonly AnySystem[] = SYSTEMS;
const byName: ReadonlyMap<string, AnySystem> = new Map(all.map((system) => [system.name, system]));

export const SYSTEM_NAMES: readonly SystemName[] = all.map(({ name }) => name);
export const MOVIE_SYSTEMS: readonly MovieSystem[] = all.filter((system) => system.task === 'MOVIES');
export const TAG_SYSTEMS: readonly TagSystem[] = all.filter((system) => system.task === 'TAGS');
export const MOVIE_SYSTEM_NAMES: readonly MovieSystemName[] = MOVIE_SYSTEMS.map(({ name }) => name);

export function systemNamed(name: MovieSystemName): MovieSystem;
export function systemNamed(name: TagSystemName): TagSystem;
export function systemNamed(name: SystemName): AnySystem;
export function systemNamed(name: SystemName): AnySystem {
  return byName.get(name)!;
}
