import { HttpError } from '@jts/common';
import { z } from 'zod';
import type { PythonWorker } from './python-worker';
import { WorkerError } from './worker-error';

const crossoverSchema = z.object({
  signal: z.enum(['buy', 'sell', 'hold']),
  fastAverage: z.number(),
  slowAverage: z.number(),
  crossings: z.array(z.object({ index: z.int(), direction: z.enum(['buy', 'sell']) })),
});

export type Crossover = z.output<typeof crossoverSchema>;

export interface CrossoverRequest {
  closes: readonly number[];
  fast: number;
  slow: number;
}

/** Computes a crossover in the worker; its failures become responses. */
export async function computeCrossover(
  worker: Pick<PythonWorker, 'request'>,
  request: CrossoverRequest,
): Promise<Crossover> {
  if (request.closes.length < request.slow + 1) {
    throw new HttpError(
      422,
      'insufficient_data',
      `${request.closes.length} closes are too few; a slow window of ${request.slow} needs ` +
        `${request.slow + 1}`,
    );
  }
  try {
    return crossoverSchema.parse(await worker.request('crossover', request));
  } catch (error) {
    if (!(error instanceof WorkerError)) {
      throw error;
    }
    switch (error.reason) {
      case 'invalid_request':
        throw new HttpError(400, 'invalid_request', error.message);
      case 'timeout':
        throw new HttpError(504, 'worker_timeout', error.message);
      case 'unavailable':
        throw new HttpError(503, 'worker_unavailable', error.message);
      case 'failed':
        throw new HttpError(500, 'worker_failed', error.message);
    }
  }
}
