/** Which requests are accepted: by the `Host` they name, and for WebSockets by the page's
 *  origin. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

export class OriginPolicy {
  private readonly local: boolean;
  readonly allowedOrigins: readonly string[];

  constructor(config: Pick<Config, 'host' | 'allowedOrigins'>) {
    this.local = isLoopback(config.host);
    this.allowedOrigins = config.allowedOrigins;
  }

  /** On loopback everyone on this machine is trusted, so a web page must not reach it under another
   *  host name (DNS rebinding). */
  allowsHost(headers: IncomingHttpHeaders): boolean {
    if (!this.local) return true;
    const name = hostName(headers.host);
    return name !== undefined && (isLoopback(name) || name.endsWith('.localhost'));
  }

  /** CORS does not apply to WebSockets. Allowed are no origin (no browser), the server's own, and
   *  the listed ones. */
  allowsWebSocket({ headers }: { readonly headers: IncomingHttpHeaders }): boolean {
    if (!this.allowsHost(headers)) return false;
    if (headers.origin === undefined || this.allowedOrigins.includes(headers.origin)) return true;
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
