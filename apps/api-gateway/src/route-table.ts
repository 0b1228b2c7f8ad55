import type { PeerName } from '@jts/common';

export interface GatewayRoute {
  /** Requests to this path and everything below it are forwarded … */
  prefix: string;
  peer: PeerName;
  /** … to this path of the peer. */
  target: string;
}

/** What the outside may reach. Reserving and releasing risk is for order execution alone. */
export const ROUTES: readonly GatewayRoute[] = [
  { prefix: '/api/orders', peer: 'order-execution', target: '/orders' },
  { prefix: '/api/risk/limits', peer: 'risk-management', target: '/limits' },
  { prefix: '/api/risk/positions', peer: 'risk-management', target: '/positions' },
  { prefix: '/api/ticks', peer: 'data-ingestion', target: '/ticks' },
  { prefix: '/api/bars', peer: 'data-ingestion', target: '/bars' },
  { prefix: '/api/symbols', peer: 'data-ingestion', target: '/symbols' },
  { prefix: '/api/signals', peer: 'strategy-engine', target: '/signals' },
  { prefix: '/api/notifications', peer: 'notification-service', target: '/notifications' },
];
