import { httpUrl } from '../configuration/variables';

/**
 * The services by name. In a container network the DNS name is the service name; an environment
 * variable such as ORDER_EXECUTION_URL points elsewhere.
 */
export const PEERS = {
  'strategy-engine': { port: 3002, healthPath: '/health/strategy' },
  'order-execution': { port: 3003, healthPath: '/health/orders' },
  'risk-management': { port: 3004, healthPath: '/health' },
  'data-ingestion': { port: 3005, healthPath: '/health' },
  'notification-service': { port: 3006, healthPath: '/health' },
} as const;

export type PeerName = keyof typeof PEERS;

/** The schema for the variable that holds a peer's URL. */
export function peerUrl(name: PeerName) {
  return httpUrl(`http://${name}:${PEERS[name].port}`);
}
