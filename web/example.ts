/** The example page: search a film, say how you like it, and see what lies near, with the reasons. The taste stays in this page. */
import { RequestError, request } from './client.js';
import {
  MovieDocument,
  MoviesSearchDocument,
  type MoviesSearchQuery,
  TastePageDocument,
  type TastePageQuery,
} from './generated/operations.js';

type Found = MoviesSearchQuery['movies']['edges'][number]['node'];
type Near = TastePageQuery['recommendationsFor'][number];

const STARS = [5, 4.5, 4, 3.5, 3, 2.5, 2, 1.5, 1, 0.5];
const LIST_LENGTH = 12;
const TYPING_PAUSE_MS = 200;

const taste = new Map<string, { readonly movie: Pick<Found, 'id' | 'title'>; stars: number }>();

const byId = <Type extends HTMLElement>(id: string): Type => document.getElementById(id) as Type;
const [search, key, status] = [
  byId<HTMLInputElement>('search'),
  byId<HTMLInputElement>('key'),
  byId('status'),
];

function element(
  name: string,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function starsSelect(label: string, chosen: number | null, choose: (stars: number) => void): HTMLElement {
  const select = element('select', { 'aria-label': label }) as HTMLSelectElement;
  if (chosen === null) select.append(element('option', { value: '' }, 'Rate…'));
  for (const stars of STARS) select.append(element('option', { value: String(stars) }, `${stars} ★`));
  select.value = chosen === null ? '' : String(chosen);
  select.addEventListener('change', () => choose(Number(select.value)));
  return select;
}

const titled = (title: string, detail: string): HTMLElement =>
  element(
    'div',
    { class: 'film' },
    element('strong', {}, title),
    element('span', { class: 'hint' }, detail),
  );

function showFound(movies: readonly Found[]): void {
  const rows = movies.map((movie) => {
    const count = movie.ratingCount === 1 ? '1 rating' : `${movie.ratingCount} ratings`;
    return element(
      'li',
      {},
      titled(movie.title, `${movie.genres.join(', ') || 'no genre'} · ${count}`),
      starsSelect(`Rate ${movie.title}`, taste.get(movie.id)?.stars ?? null, (stars) => rate(movie, stars)),
    );
  });
  byId('found').replaceChildren(...rows);
}

function showTaste(): void {
  const rows = [...taste.values()].map(({ movie, stars }) => {
    const remove = element(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': `Take ${movie.title} out` },
      '✕',
    );
    remove.addEventListener('click', () => {
      taste.delete(movie.id);
      void update();
    });
    return element(
      'li',
      {},
      titled(movie.title, ''),
      starsSelect(`Rating of ${movie.title}`, stars, (chosen) => rate(movie, chosen)),
      remove,
    );
  });
  byId('taste').replaceChildren(...rows);
  byId('no-taste').hidden = rows.length > 0;
}

/** Why it lies where it lies: what was rated nearby, most telling first, and the tags around it. */
function reasons({ explanation }: Near): HTMLElement {
  const near = explanation.nearestRated.map(({ movie, stars }) => `${movie.title} (${stars} ★)`);
  const tags = explanation.nearTags.map(({ tag }) => element('li', {}, tag.name));
  const closer =
    explanation.distancePercentile < 0.1
      ? 'Nearest of all'
      : `Nearer than ${(100 - explanation.distancePercentile).toFixed(1)} % of all films`;
  return element(
    'div',
    { class: 'reasons' },
    element('p', {}, near.length > 0 ? `Near ${near.join(', ')}.` : `${closer}.`),
    element('ul', { class: 'tags' }, ...tags),
  );
}

function showNear(list: readonly Near[]): void {
  const farthest = Math.max(...list.map(({ distance }) => distance), 1e-9);
  const rows = list.map((near) => {
    const film = titled(near.movie.title, near.movie.genres.join(', '));
    if (near.source === 'POPULAR') return element('li', {}, film); // no point to measure from
    const meter = {
      min: '0',
      max: String(farthest),
      value: String(near.distance),
      title: 'Distance: shorter is nearer',
    };
    return element(
      'li',
      {},
      film,
      element('span', { class: 'distance' }, element('meter', meter), near.distance.toFixed(3)),
      reasons(near),
    );
  });
  byId('near').replaceChildren(...rows);
  byId('popular').hidden = list[0]?.source !== 'POPULAR';
}

function rate(movie: Pick<Found, 'id' | 'title'>, stars: number): void {
  taste.set(movie.id, { movie, stars });
  void update();
}

/** Only the newest of several answers counts. */
let asked = 0;
async function update(): Promise<void> {
  showTaste();
  const mine = ++asked;
  const ratings = [...taste.values()].map(({ movie, stars }) => ({ movieId: movie.id, value: stars }));
  await telling(async () => {
    const { recommendationsFor } = await request(
      TastePageDocument,
      { taste: { ratings }, k: LIST_LENGTH },
      key.value,
    );
    if (mine === asked) showNear(recommendationsFor);
  });
}

let searched = 0;
async function find(): Promise<void> {
  const mine = ++searched;
  const text = search.value.trim();
  if (text === '') return showFound([]);
  await telling(async () => {
    const { movies } = await request(MoviesSearchDocument, { search: text }, key.value);
    if (mine === searched) showFound(movies.edges.map(({ node }) => node));
  });
}

async function telling(task: () => Promise<void>): Promise<void> {
  try {
    await task();
    status.textContent = '';
  } catch (error) {
    if (error instanceof RequestError && error.code === 'UNAUTHENTICATED')
      byId<HTMLDetailsElement>('access').open = true;
    status.textContent = error instanceof RequestError ? error.message : 'The server cannot be reached.';
  }
}

let pause: number | undefined;
search.addEventListener('input', () => {
  clearTimeout(pause);
  pause = setTimeout(find, TYPING_PAUSE_MS);
});
key.addEventListener('change', () => void Promise.all([find(), update()]));
byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void find();
});

/** A search and ratings may stand in the address: /example?search=alien&rate=1214:5,1:2 */
async function begin(): Promise<void> {
  const parameters = new URLSearchParams(location.search);
  search.value = parameters.get('search') ?? '';
  const ratings = [...(parameters.get('rate') ?? '').matchAll(/(\d+):([\d.]+)/g)];
  await telling(async () => {
    const movies = await Promise.all(ratings.map(([, id]) => request(MovieDocument, { id }, key.value)));
    movies.forEach(({ movie }, i) => {
      const [, id, stars] = ratings[i];
      if (movie) taste.set(id, { movie: { id, title: movie.title }, stars: Number(stars) });
    });
  });
  await Promise.all([find(), update()]);
}
void begin();
