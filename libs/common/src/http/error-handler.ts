import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error';

export interface ErrorBody {
  error: string;
  message: string;
  requestId: string;
  details?: unknown;
}

/** Every error response of every service has the shape of ErrorBody. */
export function registerErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = describe(error);
    if (answer.statusCode >= 500 && !(error instanceof HttpError)) {
      request.log.error({ err: error }, 'request failed');
    }
    const body: ErrorBody = {
      error: answer.code,
      message: answer.message,
      requestId: request.id,
      ...(answer.details === undefined ? {} : { details: answer.details }),
    };
    return reply.code(answer.statusCode).send(body);
  });

  app.setNotFoundHandler((request, reply) => {
    const body: ErrorBody = {
      error: 'not_found',
      message: `no route for ${request.method} ${request.url.split('?', 1)[0] ?? ''}`,
      requestId: request.id,
    };
    return reply.code(404).send(body);
  });
}

function describe(error: unknown) {
  if (error instanceof HttpError) {
    return error;
  }
  // Fastify's own refusals: malformed JSON, body too large, unsupported media type.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    const { statusCode, message } = error;
    if (statusCode >= 400 && statusCode < 500) {
      return { statusCode, code: 'invalid_request', message, details: undefined };
    }
  }
  return {
    statusCode: 500,
    code: 'internal_error',
    message: 'the service failed to answer; its log has the details under the request id',
    details: undefined,
  };
}
