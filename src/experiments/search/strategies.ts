/** The strategies of a search, as the schema and the database name them. */
export const SEARCH_STRATEGIES = ['RANDOM', 'SUCCESSIVE_HALVING'] as const;
export type SearchStrategy = (typeof SEARCH_STRATEGIES)[number];
