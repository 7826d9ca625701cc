/** Runs a task periodically, one run at a time; failures are logged and retried at the next
 *  interval. Does not keep the process alive. */
export class Poller {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = true;
  private failing = false;

  constructor(
    private readonly intervalMs: number,
    private readonly task: () => Promise<void>,
    private readonly warn: (message: string) => void,
  ) {}

  start(): void {
    this.stopped = false;
    this.schedule();
  }

  /** No run begins after this; one that is under way is waited for. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.run().then(() => this.schedule());
    }, this.intervalMs).unref();
  }

  private async run(): Promise<void> {
    try {
      await this.task();
      this.failing = false;
    } catch (error) {
      // Once, not every second of an outage.
      if (!this.failing)
        this.warn(
          `Polling for changes failed and will be retried: ${error instanceof Error ? error.message : String(error)}`,
        );
      this.failing = true;
    }
  }
}
