import type { Order } from './order';
import type { OrderQuery, OrderStore } from './order-store';

/** For development and tests: everything is lost when the process ends. */
export class InMemoryOrderStore implements OrderStore {
  readonly #byKey = new Map<string, Order>();
  readonly #byId = new Map<string, Order>();

  findByKey(idempotencyKey: string): Promise<Order | undefined> {
    return Promise.resolve(this.#byKey.get(idempotencyKey));
  }

  findById(id: string): Promise<Order | undefined> {
    return Promise.resolve(this.#byId.get(id));
  }

  list({ symbol, limit }: OrderQuery): Promise<Order[]> {
    const orders = [...this.#byId.values()]
      .reverse()
      .filter((order) => symbol === undefined || order.symbol === symbol);
    return Promise.resolve(orders.slice(0, limit));
  }

  insert(order: Order): Promise<{ order: Order; inserted: boolean }> {
    const existing = this.#byKey.get(order.idempotencyKey);
    if (existing !== undefined) {
      return Promise.resolve({ order: existing, inserted: false });
    }
    this.#byKey.set(order.idempotencyKey, order);
    this.#byId.set(order.id, order);
    return Promise.resolve({ order, inserted: true });
  }
}
