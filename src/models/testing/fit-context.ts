/** A context for tests that fit a model: nobody listens, nobody cancels. */
import type { FitContext } from '../algorithm';

export function contextOf(given: Partial<FitContext> = {}): FitContext {
  return {
    seed: 1,
    backend: 'auto',
    signal: new AbortController().signal,
    onEpoch() {},
    onProgress() {},
    ...given,
  };
}
