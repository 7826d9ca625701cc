/** Exports over HTTP: `/export/ratings.csv`, `/export/models/3.npz` and others. Keys, roles and
 *  limits are those of the API. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator';
import type { Exporter } from '../exports/exporter';
import { checkAccess } from '../request/access-rules';
import { parseId } from '../request/parameters';
import { refuseTooMany } from './http';
import type { RateLimiter } from './rate-limit';

export interface ExportRouteOptions {
  readonly exporter: Exporter;
  readonly authenticator: Authenticator;
  readonly limiter: RateLimiter;
}

/** An export holds everyone's ratings, or all that was measured. */
const RULE = ['ANALYST'] as const;

export function addExportRoutes(
  app: FastifyInstance,
  { exporter, authenticator, limiter }: ExportRouteOptions,
): void {
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    refuseTooMany(limiter, request, reply);
    checkAccess(await authenticator.admit(request.headers.authorization), {}, RULE);
  };

  app.get<{ Params: { name: string } }>('/export/:name', { onRequest: admit }, (request, reply) => {
    const { name } = request.params;
    const text = exporter.table(name);
    return asFile(reply, name, 'text/csv; charset=utf-8').send(Readable.from(text, { objectMode: false }));
  });

  app.get<{ Params: { file: string }; Querystring: { users?: string } }>(
    '/export/models/:file',
    { onRequest: admit },
    async (request, reply) => {
      const modelId = parseId('modelId', request.params.file.replace(/\.npz$/, ''));
      const bytes = await exporter.modelPoints(modelId, request.query.users === 'true');
      return asFile(reply, `nearfield-model-${modelId}.npz`, 'application/zip').send(bytes);
    },
  );
}

function asFile(reply: FastifyReply, name: string, mediaType: string): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('x-content-type-options', 'nosniff')
    .type(mediaType);
}
