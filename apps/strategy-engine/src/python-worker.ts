import type { Service } from '@jts/common';
import { WorkerError } from './worker-error';
import { WorkerProcess } from './worker-process';

export interface PythonWorkerOptions {
  command: string;
  args: readonly string[];
  environment: Record<string, string>;
  startTimeoutMs: number;
  requestTimeoutMs: number;
  restartDelay: { initialMs: number; maximumMs: number };
  /** A run that lasted this long counts as healthy, and the next restart is quick again. */
  stableAfterMs: number;
  stopGraceMs: number;
  logger: Service['logger'];
}

/** Keeps one worker process running and lets requests wait for it while it starts. */
export class PythonWorker {
  readonly #options: PythonWorkerOptions;
  #process: WorkerProcess | undefined;
  #restartDelayMs: number;
  #restartTimer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: PythonWorkerOptions) {
    this.#options = options;
    this.#restartDelayMs = options.restartDelay.initialMs;
  }

  start(): void {
    const { command, args, environment, logger } = this.#options;
    const startedAt = performance.now();
    const worker = new WorkerProcess({
      command,
      args,
      environment,
      onDiagnostic: (line) => {
        logger.warn({ worker: line.slice(0, 1_000) }, 'worker diagnostic');
      },
    });
    this.#process = worker;

    const startTimer = setTimeout(() => {
      logger.error('the worker did not become ready in time');
      worker.kill();
    }, this.#options.startTimeoutMs);
    worker.ready
      .then(() => {
        logger.info({ durationMs: Math.round(performance.now() - startedAt) }, 'worker ready');
      })
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(startTimer);
      });
    void worker.ended.then((reason) => {
      this.#handleEnd(reason, performance.now() - startedAt);
    });
  }

  /** Rejects with a WorkerError. A worker that misses the deadline is replaced. */
  async request(operation: string, fields: object): Promise<unknown> {
    const worker = this.#current();
    const deadline = performance.now() + this.#options.requestTimeoutMs;
    await this.#untilReady(worker, this.#options.requestTimeoutMs);
    try {
      return await worker.request(operation, fields, Math.max(1, deadline - performance.now()));
    } catch (error) {
      // Requests are answered one after another, so everything behind this one hangs too.
      if (error instanceof WorkerError && error.reason === 'timeout') {
        worker.kill();
      }
      throw error;
    }
  }

  /** A roundtrip through the worker, for health checks; being busy or starting up does not kill. */
  async ping(timeoutMs: number): Promise<void> {
    const worker = this.#current();
    await this.#untilReady(worker, timeoutMs);
    await worker.request('ping', {}, timeoutMs);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    await this.#process?.stop(this.#options.stopGraceMs);
  }

  #current(): WorkerProcess {
    if (this.#process === undefined) {
      throw new WorkerError(
        'unavailable',
        'the worker is not running; it is about to be restarted',
      );
    }
    return this.#process;
  }

  async #untilReady(worker: WorkerProcess, timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new WorkerError('unavailable', 'the worker is still starting'));
      }, timeoutMs);
    });
    try {
      await Promise.race([worker.ready, timedOut]);
    } finally {
      clearTimeout(timer);
    }
  }

  #handleEnd(reason: string, lastedMs: number): void {
    this.#process = undefined;
    const { logger, restartDelay, stableAfterMs } = this.#options;
    if (this.#stopping) {
      return;
    }
    if (lastedMs >= stableAfterMs) {
      this.#restartDelayMs = restartDelay.initialMs;
    }
    const delayMs = this.#restartDelayMs;
    this.#restartDelayMs = Math.min(delayMs * 2, restartDelay.maximumMs);
    logger.error({ reason, restartInMs: delayMs }, 'worker ended');
    this.#restartTimer = setTimeout(() => {
      this.start();
    }, delayMs);
  }
}
