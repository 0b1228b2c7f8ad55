import { createHash } from 'node:crypto';
import { z } from 'zod';

export const orderRequestSchema = z.strictObject({
  clientOrderId: z.string().min(1).max(128).optional(),
  symbol: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,32}$/)
    .transform((symbol) => symbol.toUpperCase()),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['limit', 'market']),
  quantity: z.int().positive(),
  /** Limit price, or for a market order the reference price that its notional is judged by. */
  price: z.number().positive(),
});

export type OrderRequest = z.output<typeof orderRequestSchema>;

export interface Order {
  id: string;
  idempotencyKey: string;
  /** Tells whether a repeated request asks for the same order. */
  fingerprint: string;
  symbol: string;
  side: 'buy' | 'sell';
  type: 'limit' | 'market';
  quantity: number;
  price: number;
  status: 'accepted';
  acceptedAt: string;
}

/**
 * The id follows from the idempotency key. A retry after a crash, or the same request at two
 * replicas, therefore reserves risk under one id and can never count twice.
 */
export function orderIdFrom(idempotencyKey: string): string {
  const hex = createHash('sha256').update(`jts:order:${idempotencyKey}`).digest('hex');
  // UUID version 8: free-form contents; the variant nibble must be one of 8, 9, a, b.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

export function fingerprintOf(request: OrderRequest): string {
  const { symbol, side, type, quantity, price } = request;
  return createHash('sha256')
    .update(JSON.stringify([symbol, side, type, quantity, price]))
    .digest('hex');
}
