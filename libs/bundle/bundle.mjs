// Bundles one project: one JavaScript file with all it needs, and the list of packages in it.
//
//   node libs/bundle/bundle.mjs PROJECT [production|development]
//
// This is what `nx build PROJECT` runs on a developer's machine and what the images' builder stages run: there it is
// started without Nx, whose project graph takes ten times as long as bundling and tells a build of one project nothing.
// `metadata.entryPoints` of project.json names what goes beside `main`.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { listPackages } from './list-packages.mjs';

/** What differs between the configurations. */
const CONFIGURATIONS = {
  production: {},
  // For `node --enable-source-maps`: stack traces name lines of TypeScript.
  development: { sourcemap: 'inline' },
};

const [project, configuration = 'production'] = process.argv.slice(2);
if (project === undefined || !Object.hasOwn(CONFIGURATIONS, configuration)) {
  const names = Object.keys(CONFIGURATIONS).join('|');
  throw new Error(`usage: bundle.mjs PROJECT [${names}], not "${process.argv.slice(2).join(' ')}"`);
}
const folder = join('apps', project);
const output = join('dist', folder);
const { metadata } = JSON.parse(readFileSync(join(folder, 'project.json'), 'utf8'));
const entries = { main: 'src/main.ts', ...metadata?.entryPoints };

// What an earlier build left there would go into the image.
rmSync(output, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: Object.entries(entries).map(([out, file]) => ({ in: join(folder, file), out })),
  outdir: output,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['pg-native'],
  loader: { '.py': 'copy' },
  tsconfig: 'tsconfig.base.json',
  logLevel: 'warning',
  metafile: true,
  ...CONFIGURATIONS[configuration],
});
listPackages(metafile);
