import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

// RFC 9110, section 7.6.1: these concern one connection and are not passed on.
const HOP_BY_HOP = new Set([
  'connection',
  // Answered by the gateway's own server before the body arrives.
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** End-to-end headers only; `Connection` may name further headers that stay behind. */
export function endToEndHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && !HOP_BY_HOP.has(name) && !named.includes(name),
    ),
  );
}
