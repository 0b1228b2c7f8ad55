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

/** Passes requests on with streaming bodies, and turns missing answers into 502 and 504. */
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
    const response = await this.#exchange(request, reply, options);
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
    { upstream, path }: ForwardOptions,
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
      ...(secure ? {} : { agent: this.#agent }),
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
        reject(timedOut ? timeout(upstream, this.#timeoutMs) : unreachable(upstream, error));
      });
      // An upstream may answer before it has read the whole body, so a failure here only counts if
      // the request itself fails, which the listeners above see.
      pipeline(request.raw, outgoing).catch(() => undefined);
    });
  }
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
