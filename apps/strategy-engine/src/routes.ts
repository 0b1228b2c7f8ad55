import { validate, type Service } from '@jts/common';
import { z } from 'zod';
import type { FetchCloses } from './closes-source';
import { computeCrossover } from './crossover';
import type { PythonWorker } from './python-worker';

export interface SignalRoutesDependencies {
  worker: Pick<PythonWorker, 'request'>;
  fetchCloses: FetchCloses;
  maxCloses: number;
}

export function registerSignalRoutes(
  { app }: Pick<Service, 'app'>,
  { worker, fetchCloses, maxCloses }: SignalRoutesDependencies,
): void {
  const window = z.coerce
    .number()
    .int()
    .min(1)
    .max(maxCloses - 1);
  const windows = { fast: window.default(5), slow: window.default(20) };
  const inOrder = ({ fast, slow }: { fast: number; slow: number }) => fast < slow;
  const notInOrder = { message: 'fast must be less than slow', path: ['fast'] };

  const paramsSchema = z.object({ symbol: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/) });
  const querySchema = z
    .object({ ...windows, interval: z.enum(['1m', '5m', '1h']).default('1m') })
    .refine(inOrder, notInOrder);
  const bodySchema = z
    .strictObject({ ...windows, closes: z.array(z.number()).max(maxCloses) })
    .refine(inOrder, notInOrder);

  app.get('/signals/:symbol', async (request) => {
    const { symbol } = validate(paramsSchema, request.params);
    const { fast, slow, interval } = validate(querySchema, request.query);
    // Twice the slow window shows crossings of the recent past as well.
    const limit = Math.min(maxCloses, 10_000, slow * 2 + 1);
    const closes = await fetchCloses({ symbol, interval, limit }, request.id);
    const crossover = await computeCrossover(worker, { closes, fast, slow });
    return { symbol: symbol.toUpperCase(), interval, fast, slow, ...crossover };
  });

  app.post('/signals', async (request) => {
    const { closes, fast, slow } = validate(bodySchema, request.body);
    const crossover = await computeCrossover(worker, { closes, fast, slow });
    return { fast, slow, ...crossover };
  });
}
