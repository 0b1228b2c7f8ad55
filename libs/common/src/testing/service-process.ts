import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

type LogLine = Record<string, unknown>;

export interface ServiceProcess {
  /** Every line of stdout; anything that is not JSON fails the process. */
  logs: LogLine[];
  /** Resolves with the first line, past or future, that has this message. */
  logged: (message: string | RegExp) => Promise<LogLine>;
  signal: (signal: NodeJS.Signals) => void;
  exited: Promise<number | null>;
  stderr: () => string;
}

/** Runs a bundled service as its own process, in an environment with nothing but the given one. */
export function startProcess(
  file: string,
  environment: Record<string, string>,
  arguments_: readonly string[] = [],
): ServiceProcess {
  const logs: LogLine[] = [];
  const waiting: { matches: (line: LogLine) => boolean; resolve: (line: LogLine) => void }[] = [];
  let stderr = '';

  const child = spawn(process.execPath, [file, ...arguments_], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as LogLine;
    logs.push(line);
    for (const { matches, resolve } of waiting) {
      if (matches(line)) {
        resolve(line);
      }
    }
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
    });
  });

  return {
    logs,
    logged: (message) => {
      const matches = ({ msg }: LogLine) =>
        typeof msg === 'string' &&
        (typeof message === 'string' ? msg === message : message.test(msg));
      const line = logs.find(matches);
      return line
        ? Promise.resolve(line)
        : new Promise((resolve, reject) => {
            waiting.push({ matches, resolve });
            void exited.then((code) => {
              const wanted = String(message);
              reject(
                new Error(`exited with ${code ?? 'a signal'} before logging ${wanted}: ${stderr}`),
              );
            });
          });
    },
    signal: (signal) => child.kill(signal),
    exited,
    stderr: () => stderr,
  };
}
