import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { HttpError, REQUEST_ID_HEADER, describeError } from '@jts/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { endToEndHeaders } from './forwarded-headers';

export interface Upstream {
  name: string;
  baseUrl: string;
}

export interface ForwardOptions {
  upstream: Upstream;
  /** Path and query at the upstream. */
  path: string;
}

/** Methods that change nothing (RFC 9110, section 9.2.1): sending such a request twice does no harm. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Passes requests on with streaming bodies, and turns missing answers into 502 and 504.
 *
 * An upstream that stops closes the connections it keeps, and a request may be on its way on one of them. Safe requests
 * without a body are sent once more then. What cannot be repeated gets a connection of its own each time.
 */
export class Forwarder {
  readonly #timeoutMs: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(options: { timeoutMs: number }) {
    this.#timeoutMs = options.timeoutMs;
  }

  async forward(
    request: FastifyRequest,
    reply: FastifyReply,
    options: ForwardOptions,
  ): Promise<FastifyReply> {
    const repeatable = SAFE.has(request.method) && !hasBody(request);
    const response = await this.#exchange(request, reply, { ...options, kept: repeatable }).catch(
      (error: unknown) => {
        if (error instanceof KeptConnectionClosed) {
          return this.#exchange(request, reply, { ...options, kept: false });
        }
        throw error;
      },
    );
    const headers = endToEndHeaders(response.headers);
    return reply
      .code(response.statusCode ?? 502)
      .headers(headers)
      .send(response);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Resolves when the upstream's response headers are there; its body is still to be read. */
  #exchange(
    request: FastifyRequest,
    reply: FastifyReply,
    { upstream, path, kept }: ForwardOptions & { kept: boolean },
  ): Promise<IncomingMessage> {
    const url = new URL(upstream.baseUrl);
    const secure = url.protocol === 'https:';
    const send = secure ? httpsRequest : httpRequest;
    const outgoing = send({
      protocol: url.protocol,
      hostname: url.hostname,
      port: url.port,
      path: `${url.pathname.replace(/\/+$/, '')}${path}`,
      method: request.method,
      headers: {
        ...endToEndHeaders(request.headers),
        ...bodyFraming(request),
        host: url.host,
        [REQUEST_ID_HEADER]: request.id,
        'x-forwarded-for': forwardedFor(request),
      },
      ...(secure ? {} : { agent: kept ? this.#agent : false }),
    });

    return new Promise((resolve, reject) => {
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        outgoing.destroy();
      }, this.#timeoutMs);
      // A caller who hangs up does not want the answer any more.
      reply.raw.once('close', () => {
        clearTimeout(timer);
        if (!reply.raw.writableFinished) {
          outgoing.destroy();
        }
      });
      outgoing.once('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      outgoing.once('error', (error) => {
        clearTimeout(timer);
        if (timedOut) {
          reject(timeout(upstream, this.#timeoutMs));
        } else if (kept && outgoing.reusedSocket && !reply.raw.destroyed) {
          reject(new KeptConnectionClosed());
        } else {
          reject(unreachable(upstream, error));
        }
      });
      if (hasBody(request)) {
        // An upstream may answer before it has read the whole body, so a failure here only counts if
        // the request itself fails, which the listeners above see.
        pipeline(request.raw, outgoing).catch(() => undefined);
      } else {
        // What has ended already, as it has when this is sent once more, could not be piped.
        outgoing.end();
      }
    });
  }
}

/** A kept connection was closed before the answer to a request that may be repeated. */
class KeptConnectionClosed extends Error {
  override readonly name = 'KeptConnectionClosed';
}

function hasBody({ headers }: FastifyRequest): boolean {
  return (
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  );
}

/**
 * Without this the body of, say, a chunked DELETE would follow its headers unframed, and the upstream
 * would read it as a second request.
 */
function bodyFraming(request: FastifyRequest): OutgoingHttpHeaders {
  return request.headers['transfer-encoding'] === undefined
    ? {}
    : { 'transfer-encoding': 'chunked' };
}

function forwardedFor(request: FastifyRequest): string {
  const previous = request.headers['x-forwarded-for'];
  return previous === undefined ? request.ip : `${String(previous)}, ${request.ip}`;
}

function timeout(upstream: Upstream, timeoutMs: number): HttpError {
  return new HttpError(
    504,
    'upstream_timeout',
    `${upstream.name} did not answer within ${timeoutMs} ms`,
  );
}

function unreachable(upstream: Upstream, error: Error): HttpError {
  return new HttpError(
    502,
    'upstream_unreachable',
    `${upstream.name} cannot be reached: ${describeError(error)}`,
  );
}
