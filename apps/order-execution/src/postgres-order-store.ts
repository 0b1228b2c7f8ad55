import { describeError } from '@jts/common';
import type { Pool, QueryResultRow } from 'pg';
import type { Order } from './order';
import { StoreUnavailableError, type OrderQuery, type OrderStore } from './order-store';

// Two replicas may start at once, and CREATE TABLE IF NOT EXISTS alone can fail when raced.
const SCHEMA_LOCK = 3_003_001;

const CREATE_TABLE = `
  create table if not exists orders (
    id uuid primary key,
    idempotency_key text not null unique,
    fingerprint text not null,
    symbol text not null,
    side text not null,
    type text not null,
    quantity bigint not null,
    price numeric not null,
    status text not null,
    accepted_at timestamptz not null
  );
  create index if not exists orders_accepted_at on orders (accepted_at desc);
`;

interface OrderRow extends QueryResultRow {
  id: string;
  idempotency_key: string;
  fingerprint: string;
  symbol: string;
  side: Order['side'];
  type: Order['type'];
  quantity: string;
  price: string;
  status: Order['status'];
  accepted_at: Date;
}

export class PostgresOrderStore implements OrderStore {
  readonly #pool: Pool;
  #schemaReady: Promise<void> | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Creates the table unless it exists. Runs once; tried again on the next call if it failed. */
  prepare(): Promise<void> {
    this.#schemaReady ??= this.#createTable().catch((error: unknown) => {
      this.#schemaReady = undefined;
      throw unavailable(error);
    });
    return this.#schemaReady;
  }

  async checkHealth(): Promise<void> {
    await this.#query('select 1', []);
  }

  async findByKey(idempotencyKey: string): Promise<Order | undefined> {
    const rows = await this.#query('select * from orders where idempotency_key = $1', [
      idempotencyKey,
    ]);
    return rows[0] && toOrder(rows[0]);
  }

  async findById(id: string): Promise<Order | undefined> {
    const rows = await this.#query('select * from orders where id::text = $1', [id]);
    return rows[0] && toOrder(rows[0]);
  }

  async list({ symbol, limit }: OrderQuery): Promise<Order[]> {
    const rows = await this.#query(
      `select * from orders where $1::text is null or symbol = $1
       order by accepted_at desc, id limit $2`,
      [symbol ?? null, limit],
    );
    return rows.map(toOrder);
  }

  async insert(order: Order): Promise<{ order: Order; inserted: boolean }> {
    const rows = await this.#query(
      `insert into orders (id, idempotency_key, fingerprint, symbol, side, type, quantity, price,
         status, accepted_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (idempotency_key) do nothing returning *`,
      [
        order.id,
        order.idempotencyKey,
        order.fingerprint,
        order.symbol,
        order.side,
        order.type,
        order.quantity,
        order.price,
        order.status,
        order.acceptedAt,
      ],
    );
    const existing = rows[0] ? undefined : await this.findByKey(order.idempotencyKey);
    return existing ? { order: existing, inserted: false } : { order, inserted: true };
  }

  async #query(sql: string, values: unknown[]): Promise<OrderRow[]> {
    await this.prepare();
    try {
      return (await this.#pool.query<OrderRow>(sql, values)).rows;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #createTable(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
      await client.query(CREATE_TABLE);
      await client.query('commit');
      client.release();
    } catch (error) {
      // Destroys the connection, which also rolls the transaction back.
      client.release(true);
      throw error;
    }
  }
}

function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    idempotencyKey: row.idempotency_key,
    fingerprint: row.fingerprint,
    symbol: row.symbol,
    side: row.side,
    type: row.type,
    quantity: Number(row.quantity),
    price: Number(row.price),
    status: row.status,
    acceptedAt: row.accepted_at.toISOString(),
  };
}

function unavailable(error: unknown): StoreUnavailableError {
  return error instanceof StoreUnavailableError
    ? error
    : new StoreUnavailableError(`order store unavailable: ${describeError(error)}`, {
        cause: error,
      });
}
