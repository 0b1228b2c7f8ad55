import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { WorkerError } from './worker-error';

export interface WorkerProcessOptions {
  command: string;
  args: readonly string[];
  environment: Record<string, string>;
  /** Called for every line the worker writes to stderr. */
  onDiagnostic: (line: string) => void;
}

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: WorkerError) => void;
}

const messageSchema = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({
    id: z.number(),
    error: z.object({ code: z.string(), message: z.string() }),
  }),
  z.object({ id: z.number(), result: z.unknown() }),
]);

/** One run of the worker, from spawning to its exit: JSON lines out, JSON lines in. */
export class WorkerProcess {
  /** Resolves when the worker says it is ready; rejects if it ends before. */
  readonly ready: Promise<void>;
  /** Resolves with the reason when the process has ended, however it ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(options: WorkerProcessOptions) {
    this.#child = spawn(options.command, [...options.args], {
      env: options.environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // Writing to a worker that has just ended fails; its end is reported below.
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stderr }).on('line', options.onDiagnostic);

    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        resolve(`could not be started: ${error.message}`);
      });
      // "close" rather than "exit": answers still in the pipe are read first.
      this.#child.once('close', (code, signal) => {
        resolve(`ended with ${signal ?? `exit code ${code ?? 'unknown'}`}`);
      });
    });
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        this.#receive(line, resolve, options.onDiagnostic);
      });
      void this.ended.then((reason) => {
        const error = new WorkerError('unavailable', `the worker ${reason}`);
        reject(error);
        this.#rejectPending(error);
      });
    });
    // Whoever waits for `ready` sees the rejection; nobody has to.
    this.ready.catch(() => undefined);
  }

  request(operation: string, fields: object, timeoutMs: number): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new WorkerError('timeout', `the worker did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#child.stdin.write(`${JSON.stringify({ ...fields, id, operation })}\n`);
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends stdin, which is how the worker is asked to stop; kills it if it does not. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.kill();
    }, graceMs);
    this.#child.stdin.end();
    await this.ended;
    clearTimeout(timer);
  }

  #receive(line: string, becameReady: () => void, onDiagnostic: (line: string) => void): void {
    const message = parse(line);
    if (message === undefined) {
      onDiagnostic(`not part of the protocol: ${line}`);
    } else if ('ready' in message) {
      becameReady();
    } else {
      this.#settle(message);
    }
  }

  #settle(message: Exclude<z.output<typeof messageSchema>, { ready: true }>): void {
    // Absent when the request has timed out in the meantime.
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('error' in message) {
      const { code, message: text } = message.error;
      const reason = code === 'invalid_request' ? 'invalid_request' : 'failed';
      pending?.reject(new WorkerError(reason, text));
    } else {
      pending?.resolve(message.result);
    }
  }

  #rejectPending(error: WorkerError): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) {
      reject(error);
    }
  }
}

function parse(line: string): z.output<typeof messageSchema> | undefined {
  try {
    const result = messageSchema.safeParse(JSON.parse(line));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
