// Writes what a bundle is made of: `<output>.cdx.json` beside each JavaScript file that esbuild's metafile lists, with
// every package of node_modules that has code in it. A bundle has no package.json any more, so without this list no
// scanner knows what is in the image.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the package that a file belongs to; the innermost one, where packages have packages of their own. */
function packageFolder(file) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

/** npm takes an SPDX expression, or the name of a file with the text. */
function licenseOf(license) {
  return license.startsWith('SEE ') ? { license: { name: license } } : { expression: license };
}

function component(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw new Error(`${folder}/package.json has no name or no version`);
  }
  const purl = `pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(typeof license === 'string' && { licenses: [licenseOf(license)] }),
  };
}

/** For esbuild's metafile, with paths from the working directory. */
export function listPackages({ outputs }) {
  for (const [output, { inputs }] of Object.entries(outputs)) {
    if (!output.endsWith('.js')) {
      continue;
    }
    const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    const folders = new Set(
      used.map(([file]) => packageFolder(file)).filter((folder) => folder !== undefined),
    );
    const components = [
      ...new Map([...folders].map(component).map((one) => [one.purl, one])).values(),
    ];
    components.sort((a, b) => (a.purl < b.purl ? -1 : 1));
    const document = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components };
    writeFileSync(
      output.replace(/\.js$/, '.cdx.json'),
      `${JSON.stringify(document, undefined, 1)}\n`,
    );
  }
}
