import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { OpenConnections } from './open-connections';

export type ShutdownHook = () => Promise<void> | void;

export interface GracefulShutdownOptions {
  app: FastifyInstance;
  logger: Logger;
  /** Hard deadline for the whole shutdown; after it the process exits with 1. */
  timeoutMs: number;
  /**
   * How long to keep accepting requests while health already answers 503, so that a load balancer
   * can take the instance out of rotation first.
   */
  delayMs: number;
  exit: (code: number) => void;
}

// How often connections without a request are closed while draining.
const IDLE_SWEEP_MS = 50;

/** Drains the server, runs the hooks, and exits: 0 when clean, 1 otherwise. */
export class GracefulShutdown {
  readonly #options: GracefulShutdownOptions;
  readonly #hooks: { name: string; hook: ShutdownHook }[] = [];
  readonly #connections: OpenConnections;
  #draining = false;
  #exited = false;

  constructor(options: GracefulShutdownOptions) {
    this.#options = options;
    this.#connections = new OpenConnections(options.app.server);
    options.app.addHook('onSend', async (_request, reply) => {
      if (this.#draining) {
        void reply.header('connection', 'close');
      }
    });
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Hooks run after the last request was answered, the latest registered first. */
  addHook(name: string, hook: ShutdownHook): void {
    this.#hooks.push({ name, hook });
  }

  /** The first signal drains; the second means "now". */
  handleSignal(signal: string): void {
    if (this.#draining) {
      this.#options.logger.warn({ signal }, 'second signal: exiting at once');
      this.#exit(1);
      return;
    }
    void this.#drain(signal);
  }

  async #drain(signal: string): Promise<void> {
    const { app, logger, timeoutMs, delayMs } = this.#options;
    this.#draining = true;
    logger.info({ signal, timeoutMs }, 'draining');

    const deadline = setTimeout(() => {
      logger.error({ timeoutMs }, 'shutdown deadline passed: exiting with work unfinished');
      this.#exit(1);
    }, timeoutMs);
    // A response whose headers were sent before the signal keeps its connection alive, and an idle
    // connection would hold up server.close().
    const sweep = setInterval(() => {
      if (!app.server.listening) {
        this.#connections.closeUnused();
      }
    }, IDLE_SWEEP_MS);

    try {
      if (delayMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
      await app.close();
      const clean = await this.#runHooks();
      logger.info('stopped');
      this.#exit(clean ? 0 : 1);
    } catch (error) {
      logger.error({ err: error }, 'shutdown failed');
      this.#exit(1);
    } finally {
      clearTimeout(deadline);
      clearInterval(sweep);
    }
  }

  async #runHooks(): Promise<boolean> {
    let clean = true;
    for (const { name, hook } of [...this.#hooks].reverse()) {
      try {
        await hook();
      } catch (error) {
        clean = false;
        this.#options.logger.error({ err: error, hook: name }, 'shutdown hook failed');
      }
    }
    return clean;
  }

  #exit(code: number): void {
    if (!this.#exited) {
      this.#exited = true;
      this.#options.exit(code);
    }
  }
}
