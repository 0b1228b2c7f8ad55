import { describeError } from '../health/describe-error';
import { REQUEST_ID_HEADER } from './request-id';

export interface PeerClientOptions {
  /** The peer's service name, for error messages. */
  name: string;
  baseUrl: string;
  timeoutMs: number;
  fetch?: typeof fetch;
}

export interface PeerRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  requestId?: string;
  signal?: AbortSignal;
  /**
   * The peer takes the request twice as once. It is then sent again if the connection, which a peer that stops closes
   * at any time, breaks before the answer. GET and DELETE are such requests anyway.
   */
  idempotent?: boolean;
}

export interface PeerResponse {
  status: number;
  body: unknown;
}

export class PeerError extends Error {
  override readonly name = 'PeerError';

  constructor(
    readonly peer: string,
    readonly reason: 'timeout' | 'unreachable' | 'invalid_response',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** JSON over HTTP to another service. Any status is an answer; no answer is a PeerError. */
export class PeerClient {
  readonly #options: PeerClientOptions;

  constructor(options: PeerClientOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  async request(path: string, request: PeerRequest = {}): Promise<PeerResponse> {
    const { name, timeoutMs } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
    const idempotent = request.idempotent ?? request.method !== 'POST';
    let status: number;
    let text: string;
    try {
      ({ status, text } = await this.#exchange(path, request, signal).catch((error: unknown) => {
        if (idempotent && !signal.aborted && brokeOff(error)) {
          return this.#exchange(path, request, signal);
        }
        throw error;
      }));
    } catch (error) {
      if (timeout.aborted) {
        throw new PeerError(name, 'timeout', `${name} did not answer within ${timeoutMs} ms`);
      }
      const cause = describeError(error);
      throw new PeerError(name, 'unreachable', `${name} cannot be reached: ${cause}`, {
        cause: error,
      });
    }
    return { status, body: this.#parse(status, text) };
  }

  /** For health checks: passes when the peer's health endpoint answers with a 2xx status. */
  async checkHealth(path: string, signal: AbortSignal): Promise<void> {
    const { status } = await this.request(path, { signal });
    if (status < 200 || status > 299) {
      throw new Error(`${this.#options.name} answered ${status}`);
    }
  }

  async #exchange(
    path: string,
    request: PeerRequest,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const send = this.#options.fetch ?? fetch;
    const response = await send(`${this.#options.baseUrl.replace(/\/+$/, '')}${path}`, {
      method: request.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(request.requestId === undefined ? {} : { [REQUEST_ID_HEADER]: request.requestId }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      redirect: 'manual',
      signal,
    });
    return { status: response.status, text: await response.text() };
  }

  #parse(status: number, text: string): unknown {
    if (text === '') {
      return undefined;
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      const { name } = this.#options;
      const message = `${name} answered ${status} with something that is not JSON`;
      throw new PeerError(name, 'invalid_response', message, { cause: error });
    }
  }
}

/** The peer closed a connection that was there; one that cannot be made at all is another matter. */
function brokeOff(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET';
}
