// Dockerfiles with what each line brought.

/** The Dockerfiles that made layers of an image, its own first. */
function dockerfilesOf(layers) {
  const files = layers
    .map((layer) => layer.origin.dockerfile)
    .filter(Boolean)
    .reverse();
  return [...new Set(files)];
}

function dockerfileText(view, path, text) {
  const made = view.layers.filter((layer) => layer.origin.dockerfile === path && layer.origin.line);
  const largest = Math.max(1, ...view.layers.map((layer) => layer.unpacked_bytes));
  const lines = text.replace(/\n$/, '').split('\n');
  const rowsOf = new Map(made.map((layer) => [layer.index, []]));
  const switches = [];
  const rows = lines.map((line, at) => {
    const here = made.filter(
      ({ origin }) => origin.line <= at + 1 && at + 1 <= (origin.end_line ?? origin.line),
    );
    const starting = here.filter(({ origin }) => origin.line === at + 1);
    const row = element(
      'tr',
      {
        class: `${here.length ? 'brings' : ''} ${here.some((layer) => layer.isBase) ? 'is-base' : ''}`,
      },
      element('th', { scope: 'row', class: 'line-number' }, String(at + 1)),
      element('td', { class: 'line-bytes' }, ...starting.map((layer) => lineSwitch(layer))),
      element('td', { class: 'line-text' }, element('code', {}, line)),
    );
    if (here.length > 0) row.style.setProperty('--edge', here[0].color);
    here.forEach((layer) => rowsOf.get(layer.index).push(row));
    return row;
  });

  function lineSwitch(layer) {
    const width = (count) => ({ width: `${(count / largest) * 100}%` });
    const hidden = layer.hidden_bytes;
    const words = `${instructionOf(layer)} brought ${bytes(layer.unpacked_bytes)}${hidden ? `, ${bytes(hidden)} of it hidden` : ''}`;
    const item = button(
      {
        class: 'line-switch',
        'aria-pressed': 'false',
        title: words,
        on: { click: () => view.select(layer.index) },
      },
      bytes(layer.unpacked_bytes),
      unseen(`: ${words}`),
      element(
        'span',
        { class: 'track', 'aria-hidden': 'true' },
        element('span', {
          style: { ...width(layer.unpacked_bytes - hidden), background: layer.color },
        }),
        hidden > 0 ? element('span', { class: 'hatched', style: width(hidden) }) : null,
      ),
    );
    switches.push({ item, index: layer.index });
    return item;
  }

  view.onSelect((selected) => {
    switches.forEach(({ item, index }) =>
      item.setAttribute('aria-pressed', String(index === selected)),
    );
    rowsOf.forEach((own, index) =>
      own.forEach((row) => row.classList.toggle('selected', index === selected)),
    );
  });
  return element(
    'table',
    { class: 'dockerfile' },
    element('caption', { class: 'unseen' }, `${path} with the bytes each line brought`),
    element(
      'thead',
      { class: 'unseen' },
      element(
        'tr',
        {},
        ...['Line', 'Bytes', 'Text'].map((name) => element('th', { scope: 'col' }, name)),
      ),
    ),
    element('tbody', {}, ...rows),
  );
}

/** The layers beside the Dockerfiles. */
function layersCard(view) {
  const known = dockerfilesOf(view.layers).filter((path) => Object.hasOwn(view.dockerfiles, path));
  const texts = known.map((path, at) =>
    element(
      'details',
      { class: 'file', open: at === 0 },
      element('summary', {}, element('code', {}, path)),
      dockerfileText(view, path, view.dockerfiles[path]),
    ),
  );
  return card(
    'Layers and Dockerfile',
    { class: 'made-by' },
    element('p', { class: 'sub' }, 'Choose a layer or a line to highlight its files in the map.'),
    element(
      'div',
      { class: texts.length ? 'beside' : '' },
      layerList(view),
      texts.length ? element('div', { class: 'files' }, ...texts) : null,
    ),
  );
}
