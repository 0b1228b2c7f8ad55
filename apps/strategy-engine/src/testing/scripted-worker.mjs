// Speaks the worker's protocol without Python, and misbehaves on request.
import { createInterface } from 'node:readline';

const write = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

if (process.argv.includes('--never-ready')) {
  process.exit(3);
}
if (process.argv.includes('--deaf')) {
  setInterval(() => undefined, 1_000);
}
write({ ready: true });

const answers = {
  ping: ({ id }) => write({ id, result: 'pong' }),
  pid: ({ id }) => write({ id, result: process.pid }),
  echo: ({ id, value }) => write({ id, result: value }),
  refuse: ({ id }) => write({ id, error: { code: 'invalid_request', message: 'no' } }),
  noise: ({ id }) => {
    process.stdout.write('not JSON\n');
    write({ id, result: 'after noise' });
  },
  hang: () => undefined,
  crash: () => process.exit(7),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  answers[request.operation](request);
});
