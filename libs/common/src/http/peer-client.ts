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
    const { name, baseUrl, timeoutMs } = this.#options;
    const send = this.#options.fetch ?? fetch;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
    let status: number;
    let text: string;
    try {
      const response = await send(`${baseUrl.replace(/\/+$/, '')}${path}`, {
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
      status = response.status;
      text = await response.text();
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
