/** The part of autocannon that the benchmarks use; it comes without types. */
declare module 'autocannon' {
  interface Client {
    setRequests(requests: { method: 'POST'; headers: Record<string, string>; body: string }[]): void;
  }
  interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds */
    readonly duration?: number;
    /** Requests in all, instead of a duration. */
    readonly amount?: number;
    setupClient(client: Client): void;
  }
  interface Result {
    readonly '2xx': number;
    readonly non2xx: number;
    readonly errors: number;
    /** Seconds */
    readonly duration: number;
    /** Milliseconds */
    readonly latency: { readonly p50: number; readonly p99: number };
  }
  export default function autocannon(options: Options): Promise<Result>;
}
