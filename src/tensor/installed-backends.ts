/** Which back ends load on this machine, known at once: for tests that run on each of them, and for
 *  `doctor`. */
import type { BackendName } from './engine';
import { loadNative } from './load-native';
import { loadTf } from './tf';

/** @param absent called with the reason when native does not load, so that a skipped test can say
 *    so
 *  @returns fastest first; the current back end may be changed by the check: call `loadEngine`
 *    afterwards */
export function installedBackends(absent: (reason: string) => void = () => {}): BackendName[] {
  try {
    loadNative(loadTf());
    return ['native', 'wasm', 'cpu'];
  } catch (error) {
    absent(error instanceof Error ? error.message : String(error));
    return ['wasm', 'cpu'];
  }
}
