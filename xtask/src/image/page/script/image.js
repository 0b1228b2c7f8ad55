// One image.

const MEASURES = [
  [
    'unpacked_bytes',
    'unpacked',
    'Unpacked',
    'Regular files, summed over all layers: what the image takes on a disk, whatever is hidden in it.',
  ],
  [
    'compressed_bytes',
    'compressed',
    'Compressed',
    'All layers compressed: what a registry stores and a pull transfers.',
  ],
  ['visible_bytes', 'visible', 'Visible', 'Of the unpacked bytes, those a container sees.'],
  [
    'hidden_bytes',
    'hidden',
    'Hidden',
    'Of the unpacked bytes, those no container sees: removed or replaced by a later layer.',
  ],
  [
    'base_bytes',
    'base',
    'Base',
    'Of the unpacked bytes, those of layers that the base image has, too.',
  ],
  ['own_bytes', 'own', 'Own', 'Of the unpacked bytes, those of the image’s own layers.'],
  ['tar_bytes', 'tar', 'Tar', 'All layers as plain tars, with headers and padding.'],
];

/** A measure against its limits. */
function budgetMeter(line) {
  const { bytes: size, limit, soft_limit: soft } = line;
  const verdict = size > limit ? 'bad' : soft !== null && size > soft ? 'warn' : 'good';
  const words = {
    good: `✓ ${bytes(limit - size)} left of ${bytes(limit)}`,
    warn: `! above the warning at ${bytes(soft ?? 0)}; ${bytes(limit - size)} left of ${bytes(limit)}`,
    bad: `✗ ${bytes(size - limit)} over the budget of ${bytes(limit)}`,
  }[verdict];
  const whole = Math.max(size, limit, 1);
  const at = (count) => `${(count / whole) * 100}%`;
  return element(
    'div',
    { class: `meter ${verdict}` },
    element(
      'span',
      { class: 'track', 'aria-hidden': 'true' },
      element('span', { class: 'level', style: { width: at(size) } }),
      soft === null ? null : element('span', { class: 'soft-mark', style: { left: at(soft) } }),
      size > limit ? element('span', { class: 'limit-mark', style: { left: at(limit) } }) : null,
    ),
    element('span', { class: `verdict ${verdict}` }, words),
  );
}

function measures(view, before) {
  const { image, budgets } = view;
  const { sizes } = image;
  const change = (field) => {
    const earlier = before?.[field];
    if (earlier === null || earlier === undefined || sizes[field] === null) return null;
    const grown = sizes[field] - earlier;
    if (grown === 0) return null;
    const since = `since ${before.commit.slice(0, 10)} of ${before.date}`;
    return element(
      'span',
      { class: `change ${grown > 0 ? 'up' : 'down'}` },
      `${grown > 0 ? '▲' : '▼'} ${signed(grown)}`,
      unseen(` ${since}`),
    );
  };
  const cards = MEASURES.map(([field, name, title, meaning]) => {
    const size = sizes[field];
    const estimate = field === 'compressed_bytes' && sizes.compressed_is_estimate;
    const line = budgets.find((budget) => budget.measure === name);
    return element(
      'div',
      { class: `measure ${name}` },
      element('dt', {}, title),
      element(
        'dd',
        {},
        element('strong', {}, size === null ? 'unknown' : `${estimate ? '≈ ' : ''}${bytes(size)}`),
        change(field),
        size !== null && !['unpacked', 'compressed', 'tar'].includes(name)
          ? element('span', { class: 'sub' }, percent(size, sizes.unpacked_bytes))
          : null,
        line ? budgetMeter(line) : null,
        element(
          'p',
          { class: 'meaning' },
          meaning,
          estimate ? ' Estimated with gzip at level 6.' : '',
        ),
      ),
    );
  });
  const named = MEASURES.map(([, name]) => name);
  const others = budgets
    .filter((line) => !named.includes(line.measure))
    .map((line) =>
      element(
        'div',
        { class: 'measure' },
        element('dt', {}, capital(line.measure)),
        element('dd', {}, element('strong', {}, bytes(line.bytes)), budgetMeter(line)),
      ),
    );
  const files = element(
    'div',
    { class: 'measure' },
    element('dt', {}, 'Files'),
    element(
      'dd',
      {},
      element('strong', {}, number(sizes.files)),
      element('p', { class: 'meaning' }, 'Regular files over all layers.'),
    ),
  );
  return element('dl', { class: 'measures' }, ...cards, files, ...others);
}

function remarks(image) {
  if (image.remarks.length === 0) return null;
  return card(
    'Remarks',
    { class: 'remarks' },
    element('ul', {}, ...image.remarks.map((text) => element('li', {}, text))),
  );
}

/** Everything about an image; `go` opens a folder of it. */
function imageView(image, data, go) {
  const layers = describeLayers(image);
  const listeners = [];
  const view = {
    image,
    layers,
    dockerfiles: data.dockerfiles,
    dockerfile: dockerfilesOf(layers)[0] ?? null,
    budgets: Object.hasOwn(data.budgets, image.name) ? data.budgets[image.name] : [],
    selected: null,
    onSelect: (listener) => listeners.push(listener),
    select(layer) {
      view.selected = view.selected === layer ? null : layer;
      listeners.forEach((listener) => listener(view.selected));
    },
    go,
  };
  const points = pointsOf(image, data.history);
  const isNow = (point) =>
    point.unpacked_bytes === image.sizes.unpacked_bytes &&
    point.compressed_bytes === image.sizes.compressed_bytes;
  const before = points.length > 1 && isNow(points.at(-1)) ? points.at(-2) : points.at(-1);
  const lists = listsCard(view);
  view.showWaste = lists.showWaste;
  const map = image.sizes.visible_bytes === null ? null : treemap(view);
  const title = element('h2', { tabindex: '-1' }, image.key);
  const digest = element('code', { title: image.digest }, image.digest.slice(0, 19));
  const node = element(
    'div',
    { class: 'image' },
    element(
      'div',
      { class: 'image-head' },
      title,
      element('p', { class: 'sub' }, `${image.platform} · ${image.source} · `, digest),
    ),
    measures(view, before),
    remarks(image),
    map
      ? map.node
      : card(
          'Visible files',
          {},
          element('p', { class: 'empty' }, 'What is visible is not known.'),
        ),
    layersCard(view),
    lists.node,
    historyCard(view, data.history),
  );
  return { node, title, show: (path) => map?.show(path) };
}
