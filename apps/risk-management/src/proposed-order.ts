import { z } from 'zod';

export const proposedOrderSchema = z.object({
  orderId: z.string().min(1).max(128),
  symbol: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,32}$/)
    .transform((symbol) => symbol.toUpperCase()),
  side: z.enum(['buy', 'sell']),
  /** Whole units. Positions are sums of these, and sums of integers do not drift. */
  quantity: z.int().positive(),
  price: z.number().positive(),
});

export type ProposedOrder = z.output<typeof proposedOrderSchema>;
