import { HttpError, PEERS, PeerClient, type PeerName, type Service } from '@jts/common';
import type { FastifyInstance } from 'fastify';
import { Forwarder } from './forwarder';
import { ROUTES, type GatewayRoute } from './route-table';

export interface GatewayOptions {
  urls: Readonly<Record<PeerName, string>>;
  upstreamTimeoutMs: number;
  peerHealthTimeoutMs: number;
}

const PEER_NAMES = Object.keys(PEERS) as PeerName[];

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

export async function configureGateway(service: Service, options: GatewayOptions): Promise<void> {
  const { app, features, health, shutdown } = service;
  const forwarder = new Forwarder({ timeoutMs: options.upstreamTimeoutMs });
  shutdown.addHook('upstream connections', () => {
    forwarder.close();
  });

  for (const name of PEER_NAMES) {
    const timeoutMs = options.peerHealthTimeoutMs;
    const peer = new PeerClient({ name, baseUrl: options.urls[name], timeoutMs });
    // A peer that is down degrades the gateway; restarting the gateway would not help anyone.
    health.register(name, (signal) => peer.checkHealth(PEERS[name].healthPath, signal), {
      critical: false,
    });
  }

  await app.register((scope, _options, done) => {
    if (features.has('read-only')) {
      // For an incident: everything can be looked at, nothing can be ordered.
      scope.addHook('onRequest', (request, _reply, next) => {
        const error = new HttpError(503, 'read-only', 'the gateway is read-only at the moment');
        next(READING.has(request.method) ? undefined : error);
      });
    }
    // Bodies are passed on as they arrive, whatever they contain.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => {
      done(null);
    });
    for (const route of ROUTES) {
      registerRoute(scope, route, forwarder, options.urls[route.peer]);
    }
    done();
  });
}

function registerRoute(
  scope: FastifyInstance,
  { prefix, peer, target }: GatewayRoute,
  forwarder: Forwarder,
  baseUrl: string,
): void {
  for (const url of [prefix, `${prefix}/*`]) {
    scope.all(url, (request, reply) =>
      forwarder.forward(request, reply, {
        upstream: { name: peer, baseUrl },
        path: `${target}${request.url.slice(prefix.length)}`,
      }),
    );
  }
}
