// Container health probe: exits 0 when the URL answers with a 2xx status.
// It needs nothing but Node, so images do not have to carry curl.
const USAGE =
  'usage: node healthcheck.mjs URL [TIMEOUT_MS]   (or HEALTHCHECK_TIMEOUT_MS, default 3000)';

const [address = '', limit = process.env.HEALTHCHECK_TIMEOUT_MS ?? '3000', ...rest] =
  process.argv.slice(2);
const url = URL.canParse(address) ? new URL(address) : undefined;
const timeoutMs = Number(limit);

if (
  (url?.protocol !== 'http:' && url?.protocol !== 'https:') ||
  !Number.isInteger(timeoutMs) ||
  timeoutMs < 1 ||
  rest.length > 0
) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

// node:http starts several times faster than fetch; the process is new for every probe.
const { get } = await import(url.protocol === 'https:' ? 'node:https' : 'node:http');

const unhealthy = (reason) => {
  process.stderr.write(`unhealthy: ${url.host}${url.pathname} ${reason}\n`);
  process.exit(1);
};

// Covers the whole exchange, unlike a socket timeout, which every byte would start anew.
setTimeout(() => unhealthy(`did not answer within ${timeoutMs} ms`), timeoutMs);

get(url, { agent: false }, (response) => {
  const { statusCode } = response;
  if (statusCode >= 200 && statusCode <= 299) {
    process.exit(0);
  }
  unhealthy(`answered ${statusCode}`);
}).on('error', (error) => unhealthy(`cannot be reached: ${error.code ?? error.message}`));
