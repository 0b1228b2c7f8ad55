import { z } from 'zod';

export const symbolSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,32}$/)
  .transform((symbol) => symbol.toUpperCase());

/** Milliseconds since the epoch, or an ISO 8601 time with its offset. */
export const timeSchema = z.union([
  z.int().nonnegative(),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);

export const tickSchema = z.strictObject({
  symbol: symbolSchema,
  price: z.number().positive(),
  quantity: z.number().nonnegative(),
  timestamp: timeSchema,
  /** The feed's sequence number; makes repeated deliveries of a tick harmless. */
  sequence: z.int().nonnegative().optional(),
});

export type Tick = z.output<typeof tickSchema>;
