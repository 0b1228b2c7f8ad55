import type { Order } from './order';

export interface OrderQuery {
  symbol?: string | undefined;
  limit: number;
}

export interface OrderStore {
  findByKey(idempotencyKey: string): Promise<Order | undefined>;
  findById(id: string): Promise<Order | undefined>;
  /** Newest first. */
  list(query: OrderQuery): Promise<Order[]>;
  /** Atomic: stores the order, or returns the one that already has its idempotency key. */
  insert(order: Order): Promise<{ order: Order; inserted: boolean }>;
}

/** The store cannot be reached or did not answer; whether a write happened is unknown. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
