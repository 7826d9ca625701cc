/** Which requests are accepted: with an allowed host name and an allowed origin. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

export class Doors {
  private readonly local: boolean;
  private readonly origins: ReadonlySet<string>;

  constructor(config: Pick<Config, 'host' | 'allowedOrigins'>) {
    this.local = isLoopback(config.host);
    this.origins = new Set(config.allowedOrigins);
  }

  /** On loopback everyone on this machine is trusted, so a web page must not reach it under another
   *  host name (DNS rebinding). */
  knowsHost(headers: IncomingHttpHeaders): boolean {
    if (!this.local) return true;
    const name = hostName(headers.host);
    return name !== undefined && (isLoopback(name) || name.endsWith('.localhost'));
  }

  /** Whether a page of this origin may read answers across origins (CORS). */
  allowsOrigin(origin: string): boolean {
    return this.origins.has(origin);
  }

  /** For WebSockets, which know no CORS: no origin (no browser), the server's own, or an allowed
   *  one. */
  welcomes({ headers }: { readonly headers: IncomingHttpHeaders }): boolean {
    if (!this.knowsHost(headers)) return false;
    if (headers.origin === undefined || this.allowsOrigin(headers.origin)) return true;
    try {
      return new URL(headers.origin).host === headers.host;
    } catch {
      return false;
    }
  }
}

/** @returns the name in a Host header, without port and brackets */
function hostName(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d+)?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
