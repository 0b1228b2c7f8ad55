// What the layers of an image are called, and their colors.

const OWN_COLORS = 8;
const BASE_COLORS = 3;

/** The layers of an image with what every view shows of them. */
function describeLayers(image) {
  let own = 0;
  let base = 0;
  return image.layers.map((layer, index) => {
    const isBase = layer.origin.is_base === true;
    const color = isBase
      ? `var(--base-${(base++ % BASE_COLORS) + 1})`
      : `var(--own-${(own++ % OWN_COLORS) + 1})`;
    return { ...layer, index, isBase, color };
  });
}

const instructionOf = (layer) => layer.origin.instruction || 'unknown instruction';

/** Such as `line 14`, or `layer 3` (from 0, as in the JSON) where no line is known; with a file that is not `dockerfile`. */
function placeOf(layer, dockerfile = null) {
  const { line, dockerfile: file } = layer.origin;
  if (!line) return `layer ${layer.index}`;
  return !file || file === dockerfile ? `line ${line}` : `line ${line} of ${file}`;
}

/** A colored square and a layer's place. */
const layerMark = (layer, dockerfile) =>
  element(
    'span',
    { class: 'mark', title: instructionOf(layer) },
    element('span', { class: 'swatch', style: { background: layer.color }, 'aria-hidden': 'true' }),
    placeOf(layer, dockerfile),
  );

const EVIDENCE = {
  provenance: 'recorded by the builder',
  dockerfile: 'found by comparing the history with the Dockerfile',
  history: 'from the history of the image',
  unknown: 'origin not known',
};

/** The list of layers, lowest first: each is a switch that highlights its files. */
function layerList(view) {
  const largest = Math.max(1, ...view.layers.map((layer) => layer.unpacked_bytes));
  const switches = view.layers.map((layer) => {
    const width = (count) => ({ width: `${(count / largest) * 100}%` });
    const hidden = layer.hidden_bytes;
    const file = layer.origin.dockerfile;
    const estimate = layer.encoding === 'plain' ? '≈ ' : '';
    const facts = [
      counted(layer.files, 'file'),
      `${estimate}${bytes(layer.compressed_bytes)} compressed`,
    ];
    if (file && file !== view.dockerfile) facts.unshift(file);
    if (hidden > 0) facts.push(`${bytes(hidden)} hidden by later layers`);
    if (layer.hides_bytes > 0) facts.push(`hides ${bytes(layer.hides_bytes)}`);
    return button(
      {
        class: `layer ${layer.isBase ? 'is-base' : ''}`,
        'aria-pressed': 'false',
        title: `${layer.diff_id}\n${EVIDENCE[layer.origin.evidence] ?? ''}`,
        on: { click: () => view.select(layer.index) },
      },
      element(
        'span',
        { class: 'layer-head' },
        element('span', {
          class: 'swatch',
          style: { background: layer.color },
          'aria-hidden': 'true',
        }),
        element('span', { class: 'layer-place' }, placeOf(layer, layer.origin.dockerfile)),
        layer.isBase ? element('span', { class: 'tag' }, 'base') : null,
        element('strong', { class: 'layer-bytes' }, bytes(layer.unpacked_bytes)),
      ),
      element('code', { class: 'layer-text' }, instructionOf(layer)),
      element(
        'span',
        { class: 'track', 'aria-hidden': 'true' },
        element('span', {
          style: { ...width(layer.unpacked_bytes - hidden), background: layer.color },
        }),
        hidden > 0 ? element('span', { class: 'hatched', style: width(hidden) }) : null,
      ),
      element('span', { class: 'sub' }, facts.join(' · ')),
    );
  });
  view.onSelect((selected) => {
    switches.forEach((item, index) =>
      item.setAttribute('aria-pressed', String(index === selected)),
    );
  });
  const list = (layers, label) =>
    element(
      'ol',
      { class: 'layers', 'aria-label': label },
      ...layers.map(({ index }) => element('li', {}, switches[index])),
    );
  const base = view.layers.filter((layer) => layer.isBase);
  const own = view.layers.filter((layer) => !layer.isBase);
  if (base.length < 3 || own.length === 0) return list(view.layers, 'Layers, lowest first');
  const together = bytes(sum(base, (layer) => layer.unpacked_bytes));
  return element(
    'div',
    { class: 'layers' },
    element(
      'details',
      { class: 'base-layers' },
      element(
        'summary',
        {},
        `${base.length} layers of the base image `,
        element('strong', {}, together),
      ),
      list(base, 'Layers of the base image, lowest first'),
    ),
    list(own, 'Own layers, lowest first'),
  );
}
