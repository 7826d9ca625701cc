/** A whole GraphQL client for typed operations: persisted queries, a key, errors with their codes. */
import type { TypedDocumentString } from './generated/operations.js';

/** What the server refused, by its code (docs/errors.md). */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** @param key of the caller, where the server wants one
 *  @throws RequestError; TypeError when the server cannot be reached */
export async function request<Result, Variables>(
  operation: TypedDocumentString<Result, Variables>,
  variables: Variables,
  key = '',
): Promise<Result> {
  const query = operation.toString();
  const extensions = await persistedQuery(query);
  let answer = await post<Result>(extensions ? { extensions, variables } : { query, variables }, key);
  if (answer.errors?.[0]?.extensions.code === 'PERSISTED_QUERY_NOT_FOUND')
    answer = await post<Result>({ query, extensions, variables }, key);
  const [error] = answer.errors ?? [];
  if (error) throw new RequestError(error.message, error.extensions.code);
  return answer.data as Result;
}

async function post<Result>(body: object, key: string): Promise<Answer<Result>> {
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as Answer<Result>;
}

/** Browsers hash on secure pages only (HTTPS, localhost); elsewhere the query goes as it is. */
async function persistedQuery(query: string): Promise<object | undefined> {
  if (!globalThis.crypto?.subtle) return undefined;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(query));
  const sha256Hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
  return { persistedQuery: { version: 1, sha256Hash } };
}
