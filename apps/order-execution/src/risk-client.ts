import { PeerError, type PeerClient } from '@jts/common';
import { z } from 'zod';
import type { OrderRequest } from './order';

export type RiskDecision =
  | { outcome: 'approved' }
  | { outcome: 'rejected'; violations: unknown[] }
  /** The order id is reserved with other terms. */
  | { outcome: 'conflict' }
  | { outcome: 'unavailable'; reason: string };

export type CheckRisk = (
  orderId: string,
  request: OrderRequest,
  requestId: string,
) => Promise<RiskDecision>;

const answerSchema = z.object({ approved: z.boolean(), violations: z.array(z.unknown()) });

/** Fails closed: whatever is not a clear approval does not approve. */
export function riskClient(peer: PeerClient): CheckRisk {
  return async (orderId, { symbol, side, quantity, price }, requestId) => {
    try {
      const { status, body } = await peer.request('/checks', {
        method: 'POST',
        body: { orderId, symbol, side, quantity, price },
        requestId,
        // Under one order id a check reserves once, however often it is asked for.
        idempotent: true,
      });
      if (status === 409) {
        return { outcome: 'conflict' };
      }
      const answer = answerSchema.safeParse(body);
      if (status !== 200 || !answer.success) {
        return { outcome: 'unavailable', reason: `${peer.name} answered ${status}` };
      }
      return answer.data.approved
        ? { outcome: 'approved' }
        : { outcome: 'rejected', violations: answer.data.violations };
    } catch (error) {
      if (error instanceof PeerError) {
        return { outcome: 'unavailable', reason: error.message };
      }
      throw error;
    }
  };
}
