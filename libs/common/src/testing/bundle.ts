import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface Bundle {
  file: string;
  remove: () => Promise<void>;
}

/** Bundles an entry point as the build target does, into an empty directory. */
export async function bundle(entry: string): Promise<Bundle> {
  const directory = await mkdtemp(join(tmpdir(), 'jts-bundle-'));
  const file = join(directory, 'main.js');
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['pg-native'],
    tsconfig: 'tsconfig.base.json',
    logLevel: 'warning',
  });
  return { file, remove: () => rm(directory, { recursive: true }) };
}
