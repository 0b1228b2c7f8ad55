// Writes sample.json: what `docker-size` would say of seven images that nobody optimized, the same at every run.
// The files are invented, their sizes are like those of the real ones. Run: node sample.mjs
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

let seed = 20_241_130;
const random = () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};
const between = (from, to) => Math.round(from + random() * (to - from));
const digest = (text) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const total = (items, value) => items.reduce((sum, item) => sum + value(item), 0);

const BASE = 'docker/base/Dockerfile';
const baseText = `# What every service shares.
ARG NODE_VERSION=20.18.0

FROM node:\${NODE_VERSION}-alpine AS base
LABEL org.opencontainers.image.vendor="JTS"

# An init, and time zones.
RUN apk add --no-cache \\
        dumb-init \\
        tzdata

# Not needed at run time.
RUN rm -rf \\
        /usr/local/lib/node_modules/npm \\
        /opt/yarn-v1.22.22 \\
        /usr/local/include
COPY --chmod=0444 docker/base/healthcheck.mjs /usr/local/lib/healthcheck.mjs
WORKDIR /app
ENTRYPOINT ["dumb-init", "--"]
`;

const serviceText = (name, port) => `# ${name}
FROM jts-base-builder AS builder
COPY . /workspace
RUN node_modules/.bin/nx build ${name}

FROM jts-base AS production
WORKDIR /app
COPY --from=builder /workspace/node_modules ./node_modules
COPY --from=builder /workspace/dist/apps/${name} ./
# An owner that COPY --chown could have set.
RUN chown -R 1001:1001 /app/node_modules/@nestjs
USER 1001:1001
EXPOSE ${port}
HEALTHCHECK CMD node /usr/local/lib/healthcheck.mjs "http://127.0.0.1:${port}/health"
CMD ["node", "main.js"]
`;

const strategyText = `# strategy-engine: Node, and Python beside it.
FROM jts-base-builder AS builder
COPY . /workspace
RUN node_modules/.bin/nx build strategy-engine

FROM jts-base AS production
WORKDIR /app
COPY --from=builder /workspace/node_modules ./node_modules
COPY --from=builder /workspace/dist/apps/strategy-engine ./
COPY apps/strategy-engine/python/requirements.txt /tmp/
# numpy and pandas are compiled where no wheel fits.
RUN apk add --no-cache python3 py3-pip build-base \\
    && pip install -r /tmp/requirements.txt
RUN apk del build-base py3-pip \\
    && rm -rf /root/.cache /tmp/*
USER 1001:1001
EXPOSE 3002
CMD ["node", "main.js"]
`;

const made = (files, origin) => ({ files, removes: [], copies: [], origin });
const at = (dockerfile, line, end_line, instruction) => ({
  evidence: 'provenance',
  instruction,
  dockerfile,
  line,
  end_line,
});
const before = (instruction) => ({
  evidence: 'history',
  instruction,
  dockerfile: null,
  line: null,
  end_line: null,
});

/** Some files below `folder`, of `bytes` together. */
function spread(folder, bytes, names) {
  const weights = names.map(() => 0.2 + random() ** 3 * 4);
  const all = total(weights, (weight) => weight);
  return names.map((name, index) => [`${folder}/${name}`, Math.max(1, Math.round((bytes * weights[index]) / all))]);
}

const npm = (name, bytes, extra = []) =>
  spread(`app/node_modules/${name}`, bytes, [
    'package.json',
    'README.md',
    'dist/index.js',
    'dist/index.js.map',
    'dist/index.d.ts',
    'LICENSE',
    ...extra,
  ]);

const BASE_LAYERS = [
  made(
    [
      ['bin/busybox', 808_712],
      ['lib/ld-musl-x86_64.so.1', 662_680],
      ['lib/apk/db/installed', 14_213],
      ['usr/lib/libcrypto.so.3', 4_602_880],
      ['usr/lib/libssl.so.3', 1_026_056],
      ['etc/ssl/certs/ca-certificates.crt', 219_342],
      ['sbin/apk', 74_608],
    ],
    before('ADD alpine-minirootfs-3.20.3-x86_64.tar.gz / # buildkit'),
  ),
  made(
    [
      ['usr/local/bin/node', 93_541_528],
      ...spread('usr/local/lib/node_modules/npm', 11_730_000, [
        'lib/cli.js',
        'lib/commands/install.js',
        'node_modules/node-gyp/gyp/pylib/gyp/generator/msvs.py',
        'node_modules/@sigstore/tuf/dist/seeds.json',
        'node_modules/sigstore/index.js',
        'docs/output/using-npm/config.html',
        'node_modules/iconv-lite/tables.json',
      ]),
      ...spread('usr/local/include/node', 6_900_000, ['v8.h', 'openssl/opensslv.h', 'uv.h', 'node.h', 'v8-internal.h']),
      ...spread('usr/local/lib/node_modules/corepack', 1_020_000, ['dist/lib/corepack.cjs', 'dist/corepack.js', 'package.json']),
      ['usr/lib/libstdc++.so.6.0.32', 2_649_104],
    ],
    before('RUN /bin/sh -c addgroup -g 1000 node && adduser … && curl … node-v20.18.0-linux-x64-musl.tar.xz'),
  ),
  made(
    spread('opt/yarn-v1.22.22', 5_330_000, ['lib/cli.js', 'lib/v8-compile-cache.js', 'package.json', 'bin/yarn.js']),
    before('RUN /bin/sh -c apk add --no-cache --virtual .build-deps-yarn …'),
  ),
  made([['usr/local/bin/docker-entrypoint.sh', 388]], before('COPY docker-entrypoint.sh /usr/local/bin/ # buildkit')),
  made(
    [
      ['usr/bin/dumb-init', 51_304],
      ['lib/apk/db/installed', 16_871],
      ...spread('usr/share/zoneinfo', 1_460_000, [
        'Europe/Berlin',
        'America/New_York',
        'Asia/Seoul',
        'tzdata.zi',
        'right/UTC',
        'Asia/Tokyo',
        'leapseconds',
      ]),
    ],
    at(BASE, 8, 10, 'RUN apk add --no-cache dumb-init tzdata'),
  ),
  {
    ...made([], at(BASE, 13, 16, 'RUN rm -rf /usr/local/lib/node_modules/npm /opt/yarn-v1.22.22 /usr/local/include')),
    removes: ['usr/local/lib/node_modules/npm/', 'opt/yarn-v1.22.22/', 'usr/local/include/'],
  },
  made([['usr/local/lib/healthcheck.mjs', 1_212]], at(BASE, 17, 17, 'COPY --chmod=0444 docker/base/healthcheck.mjs /usr/local/lib/healthcheck.mjs')),
];

const baseLayers = () => structuredClone(BASE_LAYERS);

const MODULES = [
  ['@nestjs/common', 1_910_000, ['index.d.ts']],
  ['@nestjs/core', 1_340_000, ['injector/injector.js']],
  ['rxjs', 4_320_000, ['src/internal/operators/mergeMap.ts', 'dist/bundles/rxjs.umd.js', 'dist/bundles/rxjs.umd.min.js.map']],
  ['express', 214_000, ['lib/router/index.js']],
  ['ioredis', 705_000, ['built/Redis.js']],
  ['pg', 180_000, ['lib/client.js']],
  ['zod', 3_900_000, ['lib/types.js', 'src/tests/string.test.ts']],
  ['kafkajs', 1_200_000, ['src/protocol/requests.js']],
  ['class-validator', 2_410_000, ['bundles/class-validator.umd.js', 'cjs/decorator/decorators.js']],
  ['tslib', 84_000, ['tslib.es6.js']],
];

function service(name) {
  const layers = baseLayers().map((layer) => ({ ...layer, isBase: true }));
  const file = `apps/${name}/Dockerfile`;
  const modules = MODULES.flatMap(([module, bytes, extra]) => npm(module, bytes * (0.9 + random() * 0.2), extra));
  layers.push(made(modules, at(file, 8, 8, 'COPY --from=builder /workspace/node_modules ./node_modules')));
  layers.push(
    made(
      [
        ['app/main.js', between(310_000, 480_000)],
        ['app/main.js.map', between(900_000, 1_400_000)],
        ['app/assets/openapi.json', between(20_000, 60_000)],
        ['app/node_modules_copy/tslib.es6.js', modules.find(([path]) => path.endsWith('tslib.es6.js'))[1]],
      ],
      at(file, 9, 9, `COPY --from=builder /workspace/dist/apps/${name} ./`),
    ),
  );
  if (name !== 'strategy-engine') {
    layers.push({
      ...made([], at(file, 11, 11, 'RUN chown -R 1001:1001 /app/node_modules/@nestjs')),
      copies: ['app/node_modules/@nestjs/'],
    });
    return layers;
  }
  layers.push(made([['tmp/requirements.txt', 61]], at(file, 10, 10, 'COPY apps/strategy-engine/python/requirements.txt /tmp/')));
  const site = 'usr/lib/python3.12/site-packages';
  layers.push(
    made(
      [
        ...spread(`${site}/numpy`, 22_400_000, [
          '_core/_multiarray_umath.so',
          '_core/_simd.so',
          'linalg/_umath_linalg.so',
          'random/_generator.so',
          'tests/test_ctypeslib.py',
          'ma/core.py',
          'f2py/crackfortran.py',
        ]),
        ...spread(`${site}/pandas`, 34_900_000, [
          '_libs/groupby.so',
          '_libs/hashtable.so',
          '_libs/algos.so',
          '_libs/join.so',
          'core/frame.py',
          'tests/frame/test_constructors.py',
          'tests/io/data/stata.dta',
          '_libs/tslibs/offsets.so',
        ]),
        ...spread(`${site}/pytz`, 1_900_000, ['zoneinfo/Europe/Berlin', 'zoneinfo/tzdata.zi', 'tzfile.py']),
        ...spread('usr/lib/python3.12', 14_200_000, [
          'lib-dynload/_decimal.so',
          'ensurepip/_bundled/pip-24.0.whl',
          'pydoc_data/topics.py',
          'idlelib/configdialog.py',
          'unittest/mock.py',
          '__pycache__/typing.cpython-312.pyc',
        ]),
        ['usr/lib/libpython3.12.so.1.0', 3_801_088],
        ['usr/lib/libopenblas.so.3', 9_100_344],
        ...spread('usr/libexec/gcc', 28_600_000, ['cc1', 'cc1plus', 'lto1', 'collect2']),
        ...spread('root/.cache/pip/http-v2', 18_750_000, ['a/b/pandas.body', 'c/d/numpy.body', 'e/f/pytz.body']),
        ['lib/apk/db/installed', 61_904],
      ],
      at(file, 12, 13, 'RUN apk add --no-cache python3 py3-pip build-base && pip install -r /tmp/requirements.txt'),
    ),
  );
  layers.push({
    ...made([['lib/apk/db/installed', 31_207]], at(file, 14, 15, 'RUN apk del build-base py3-pip && rm -rf /root/.cache /tmp/*')),
    removes: ['usr/libexec/gcc/', 'root/.cache/', 'tmp/'],
  });
  return layers;
}

/** Lays the layers over each other. */
function analysis(name, layers) {
  const visible = new Map();
  const hidden = [];
  const hide = (path, by, cause) => {
    hidden.push({ path, ...visible.get(path), hidden_by: by, cause });
    visible.delete(path);
  };
  layers.forEach((layer, index) => {
    for (const prefix of layer.removes) for (const path of [...visible.keys()].filter((key) => key.startsWith(prefix))) hide(path, index, 'removed');
    for (const prefix of layer.copies) {
      for (const path of [...visible.keys()].filter((key) => key.startsWith(prefix))) {
        layer.files.push([path, visible.get(path).bytes]);
        hide(path, index, 'metadata_only');
      }
    }
    for (const [path, bytes] of layer.files) {
      if (visible.has(path)) hide(path, index, 'replaced');
      visible.set(path, { bytes, added_by: index });
    }
  });
  const files = [...visible].map(([path, { bytes, added_by: layer }]) => ({ path, bytes, layer })).sort((a, b) => b.bytes - a.bytes);
  const unpacked = total(layers, (layer) => total(layer.files, ([, bytes]) => bytes));
  const packed = (layer) => Math.round(total(layer.files, ([path, bytes]) => bytes * (/\.(so|whl|body)/.test(path) ? 0.46 : 0.36)) + 180);
  const reports = layers.map((layer, index) => {
    const bytes = total(layer.files, ([, size]) => size);
    return {
      diff_id: digest(layer.isBase || name === 'base' ? `layer ${index}` : `${name} ${index}`),
      digest: digest(`stored ${name} ${index}`),
      encoding: 'gzip',
      unpacked_bytes: bytes,
      compressed_bytes: packed(layer),
      tar_bytes: bytes + layer.files.length * 1_024 + 10_240,
      files: layer.files.length,
      hidden_bytes: total(
        hidden.filter((file) => file.added_by === index),
        (file) => file.bytes,
      ),
      hides_bytes: total(
        hidden.filter((file) => file.hidden_by === index),
        (file) => file.bytes,
      ),
      origin: { ...layer.origin, is_base: Boolean(layer.isBase) },
    };
  });
  const groups = new Map();
  for (const file of hidden) {
    const key = `${file.added_by} ${file.hidden_by} ${file.cause}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  const waste = [...groups.values()]
    .map((group) => ({
      added_by: group[0].added_by,
      hidden_by: group[0].hidden_by,
      cause: group[0].cause,
      bytes: total(group, (file) => file.bytes),
      files: group.length,
      largest: largest(
        group.map(({ path, bytes, added_by: layer }) => ({ path, bytes, layer })),
        3,
      ),
    }))
    .sort((a, b) => b.bytes - a.bytes);
  const hiddenBytes = total(hidden, (file) => file.bytes);
  const base = total(
    reports.filter((layer) => layer.origin.is_base),
    (layer) => layer.unpacked_bytes,
  );
  const twice = files.filter((file) => file.path.endsWith('tslib.es6.js'));
  return {
    schema_version: 1,
    name,
    source: 'engine (containerd)',
    platform: 'linux/amd64',
    digest: digest(`manifest ${name}`),
    config_digest: digest(`configuration ${name}`),
    sizes: {
      unpacked_bytes: unpacked,
      compressed_bytes: total(reports, (layer) => layer.compressed_bytes),
      compressed_is_estimate: false,
      tar_bytes: total(reports, (layer) => layer.tar_bytes),
      visible_bytes: unpacked - hiddenBytes,
      hidden_bytes: hiddenBytes,
      base_bytes: base,
      own_bytes: unpacked - base,
      files: total(reports, (layer) => layer.files),
    },
    layers: reports,
    folders: tree(files, (unpacked - hiddenBytes) / 1_000),
    packages: packagesOf(files),
    leftovers: leftoversOf(files),
    duplicates:
      twice.length > 1
        ? [
            {
              each_bytes: twice[0].bytes,
              wasted_bytes: twice[0].bytes,
              copies: 2,
              paths: twice.map((file) => file.path).sort(),
            },
          ]
        : [],
    duplicate_bytes: twice.length > 1 ? twice[0].bytes : 0,
    waste,
    hidden_files: [...hidden].sort((a, b) => b.bytes - a.bytes).slice(0, 12),
    largest_files: files.slice(0, 14),
    remarks: name === 'strategy-engine' ? ['layer 9: 1 entries are of a kind that no engine unpacks'] : [],
  };
}

const largest = (files, most) => [...files].sort((a, b) => b.bytes - a.bytes).slice(0, most);

function sharesOf(files) {
  const shares = {};
  for (const { bytes, layer } of files) shares[layer] = (shares[layer] ?? 0) + bytes;
  return shares;
}

function tree(files, smallest, name = '/', depth = 0) {
  const node = {
    name,
    bytes: total(files, (file) => file.bytes),
    files: files.length,
    layers: sharesOf(files),
  };
  const groups = new Map();
  for (const file of files) {
    const part = file.path.split('/')[depth];
    groups.set(part, [...(groups.get(part) ?? []), file]);
  }
  if (files.length === 1 && files[0].path.split('/').length === depth) return node;
  const children = [];
  const rest = [];
  for (const [part, group] of groups) {
    if (total(group, (file) => file.bytes) < smallest) rest.push(...group);
    else children.push(tree(group, smallest, part, depth + 1));
  }
  if (children.length > 0 && rest.length > 0)
    children.push({
      name: '…',
      bytes: total(rest, (file) => file.bytes),
      files: rest.length,
      layers: sharesOf(rest),
    });
  if (children.length > 0) node.children = children.sort((a, b) => b.bytes - a.bytes);
  return node;
}

function packagesOf(files) {
  const found = new Map();
  for (const file of files) {
    const [, npmName] = file.path.match(/^app\/node_modules\/((?:@[^/]+\/)?[^/]+)/) ?? [];
    const [, python] = file.path.match(/site-packages\/([^/]+)/) ?? [];
    const key = npmName ? `npm ${npmName}` : python ? `python ${python}` : null;
    if (key) found.set(key, [...(found.get(key) ?? []), file]);
  }
  const installed = [...found].map(([key, group]) => {
    const [manager, name] = key.split(' ');
    return {
      manager,
      name,
      version: `${1 + (name.length % 10)}.${name.length}.${name.charCodeAt(0) % 10}`,
      bytes: total(group, (file) => file.bytes),
      files: group.length,
      layer: group[0].layer,
    };
  });
  const apk = [
    ['libcrypto3', '3.3.2-r0', 'libcrypto'],
    ['musl', '1.2.5-r0', 'ld-musl'],
    ['tzdata', '2024b-r0', 'zoneinfo'],
    ['dumb-init', '1.2.5-r3', 'dumb-init'],
    ['busybox', '1.36.1-r29', 'busybox'],
  ].map(([name, version, part]) => {
    const group = files.filter((file) => file.path.includes(part) && !file.path.includes('site-packages'));
    return {
      manager: 'apk',
      name,
      version,
      bytes: total(group, (file) => file.bytes),
      files: group.length,
      layer: group[0]?.layer ?? null,
    };
  });
  return [...installed, ...apk].sort((a, b) => b.bytes - a.bytes);
}

function leftoversOf(files) {
  const kinds = [
    ['source maps', /\.map$/],
    ['type declarations', /\.d\.ts$/],
    ['documentation', /README\.md$/],
    ['tests', /\/tests?\//],
    ['bytecode caches', /__pycache__/],
  ];
  return kinds
    .map(([category, pattern]) => {
      const found = files.filter((file) => pattern.test(file.path));
      const by_layer = Object.entries(sharesOf(found)).map(([layer, bytes]) => ({
        layer: Number(layer),
        bytes,
      }));
      return {
        category,
        bytes: total(found, (file) => file.bytes),
        files: found.length,
        by_layer,
        largest: largest(found, 3),
      };
    })
    .filter((kind) => kind.files > 0)
    .sort((a, b) => b.bytes - a.bytes);
}

function historyOf({ platform, sizes }, name) {
  const points = [];
  for (let back = 23; back >= 0; back -= 1) {
    const part = 1 - back * 0.006 + (back ? (random() - 0.5) * 0.006 : 0) - (back > 14 ? 0.05 : 0);
    const of = (bytes) => Math.round(bytes * part);
    points.push({
      commit: createHash('sha1').update(`${name} ${back}`).digest('hex'),
      date: new Date(Date.UTC(2026, 10, 30) - back * 6 * 86_400_000).toISOString().slice(0, 10),
      platform,
      unpacked_bytes: of(sizes.unpacked_bytes),
      compressed_bytes: of(sizes.compressed_bytes),
      visible_bytes: of(sizes.visible_bytes),
      hidden_bytes: of(sizes.unpacked_bytes) - of(sizes.visible_bytes),
    });
  }
  return points;
}

const services = {
  'api-gateway': 3001,
  'data-ingestion': 3005,
  'notification-service': 3006,
  'order-execution': 3003,
  'risk-management': 3004,
  'strategy-engine': 3002,
};
const analyses = [
  analysis(
    'base',
    baseLayers().map((layer, index) => ({ ...layer, isBase: index < 4 })),
  ),
];
const dockerfiles = { [BASE]: baseText };
for (const [name, port] of Object.entries(services)) {
  analyses.push(analysis(name, service(name)));
  dockerfiles[`apps/${name}/Dockerfile`] = name === 'strategy-engine' ? strategyText : serviceText(name, port);
}
const budgets = {};
const history = { images: {} };
for (const image of analyses) {
  const limit = image.name === 'strategy-engine' ? 270_000_000 : image.name === 'base' ? 150_000_000 : 165_000_000;
  budgets[image.name] = [
    {
      measure: 'unpacked',
      bytes: image.sizes.unpacked_bytes,
      limit,
      soft_limit: Math.round(limit * 0.92),
    },
    {
      measure: 'compressed',
      bytes: image.sizes.compressed_bytes,
      limit: 150_000_000,
      soft_limit: null,
    },
  ];
  history.images[image.name] = historyOf(image, image.name);
}
const sample = { analyses, dockerfiles, budgets, history };
writeFileSync(new URL('sample.json', import.meta.url), `${JSON.stringify(sample)}\n`);
for (const { name, sizes } of analyses) console.log(name, sizes);
