/** Long loops in plain TypeScript give the event loop its turn, and hear a cancellation, about
 *  every tenth of a second. */
import { setImmediate } from 'node:timers/promises';
import { type FitContext } from './system';

const TURN_MS = 100;

export class Turns {
  private turnAt = performance.now();

  constructor(private readonly context: Pick<FitContext, 'signal' | 'onProgress'>) {}

  /** Asked often; `take` is called when it says so. */
  due(): boolean {
    return performance.now() - this.turnAt >= TURN_MS;
  }

  /** @param fraction 0 to 1 of the whole fit
   *  @throws AbortError */
  async take(fraction: number): Promise<void> {
    await setImmediate();
    this.context.signal.throwIfAborted();
    this.context.onProgress(Math.min(1, fraction));
    this.turnAt = performance.now();
  }
}
