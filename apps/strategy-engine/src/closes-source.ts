import { HttpError, PeerError, type PeerClient } from '@jts/common';
import { z } from 'zod';

export interface ClosesQuery {
  symbol: string;
  interval: string;
  limit: number;
}

export type FetchCloses = (query: ClosesQuery, requestId: string) => Promise<number[]>;

const barsSchema = z.object({ bars: z.array(z.object({ close: z.number() })) });

/** The closes of a symbol's latest bars, from data ingestion. */
export function closesSource(peer: PeerClient): FetchCloses {
  return async ({ symbol, interval, limit }, requestId) => {
    const query = new URLSearchParams({ symbol, interval, limit: String(limit) });
    try {
      const { status, body } = await peer.request(`/bars?${query.toString()}`, { requestId });
      const answer = barsSchema.safeParse(body);
      if (status !== 200 || !answer.success) {
        throw new HttpError(502, 'bars_unavailable', `${peer.name} answered ${status}`);
      }
      return answer.data.bars.map(({ close }) => close);
    } catch (error) {
      if (error instanceof PeerError) {
        const statusCode = error.reason === 'timeout' ? 504 : 502;
        throw new HttpError(statusCode, 'bars_unavailable', error.message);
      }
      throw error;
    }
  };
}
