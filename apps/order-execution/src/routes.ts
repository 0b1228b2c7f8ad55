import { HttpError, validate, type Service } from '@jts/common';
import { z } from 'zod';
import { orderRequestSchema, type Order } from './order';
import { StoreUnavailableError, type OrderStore } from './order-store';
import type { PlaceOrder } from './place-order';

export interface OrderRoutesDependencies {
  store: OrderStore;
  place: PlaceOrder;
}

const keySchema = z.string().min(1).max(128);
const listSchema = z.object({
  symbol: z
    .string()
    .transform((symbol) => symbol.toUpperCase())
    .optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

export function registerOrderRoutes(
  { app }: Pick<Service, 'app'>,
  { store, place }: OrderRoutesDependencies,
): void {
  app.post('/orders', async (request, reply) => {
    const body = validate(orderRequestSchema, request.body);
    const key = keySchema.safeParse(request.headers['idempotency-key'] ?? body.clientOrderId);
    if (!key.success) {
      throw new HttpError(
        400,
        'idempotency_key_required',
        'send an Idempotency-Key header or a clientOrderId of 1 to 128 characters',
      );
    }
    const { order, created } = await whenAvailable(() =>
      place({ idempotencyKey: key.data, request: body, requestId: request.id }),
    );
    return reply.code(created ? 201 : 200).send(present(order));
  });

  app.get('/orders', async (request) => {
    const query = validate(listSchema, request.query);
    const orders = await whenAvailable(() => store.list(query));
    return { orders: orders.map(present) };
  });

  app.get<{ Params: { id: string } }>('/orders/:id', async (request) => {
    const order = await whenAvailable(() => store.findById(request.params.id));
    if (order === undefined) {
      throw new HttpError(404, 'order_not_found', `there is no order ${request.params.id}`);
    }
    return present(order);
  });
}

function present({ fingerprint, ...order }: Order): Omit<Order, 'fingerprint'> {
  return order;
}

async function whenAvailable<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof StoreUnavailableError) {
      throw new HttpError(503, 'store_unavailable', error.message);
    }
    throw error;
  }
}
