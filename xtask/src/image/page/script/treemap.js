// The visible files as nested rectangles.

const LABEL_HEIGHT = 18;
const SMALLEST = 4;
const DEEPEST = 8;
const MOST_TILES = 1_500;

/** The folder at `names` below `root`, as the folders on the way; stops where a name is not found. */
function walk(root, names) {
  const way = [root];
  for (const name of names) {
    const next = way
      .at(-1)
      .children?.find((child) => child.name === name && child.children?.length);
    if (!next) break;
    way.push(next);
  }
  return way;
}

const pathOf = (names) => `/${names.join('/')}`;

/** The colors of a folder, by the share of each layer. */
function paint(folder, layers) {
  const parts = Object.entries(folder.layers ?? {}).sort((a, b) => b[1] - a[1]);
  if (parts.length === 0) return 'var(--surface-2)';
  const color = ([layer]) => layers[layer]?.color ?? 'var(--surface-2)';
  const total = sum(parts, ([, count]) => count);
  if (parts.length === 1 || parts[0][1] > total * 0.98) return color(parts[0]);
  let from = 0;
  const stops = parts.map((part) => {
    const to = from + (part[1] / total) * 100;
    const stop = `${color(part)} ${from.toFixed(2)}% ${to.toFixed(2)}%`;
    from = to;
    return stop;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

/** The layer that brings most of a folder. */
function mainLayer(folder, layers) {
  const [first] = Object.entries(folder.layers ?? {}).sort((a, b) => b[1] - a[1]);
  return first ? layers[first[0]] : null;
}

function treemap(view) {
  const { image, layers } = view;
  const root = image.folders;
  let way = [root];
  let tiles = [];
  let focused = 0;
  let drawnAt = '';

  const map = element('div', { class: 'map', role: 'tree', 'aria-label': 'Visible files by size' });
  const status = element('p', { class: 'status' });
  const crumbs = element('ol', {});
  const listing = element('div', {});
  const hiddenBytes = image.sizes.hidden_bytes ?? 0;
  const waste = hiddenBytes > 0 ? wasteBlock() : null;
  const frame = element('div', { class: 'map-frame' }, map, waste);

  const names = () => way.slice(1).map((folder) => folder.name);

  function wasteBlock() {
    const block = button(
      { class: 'map-waste hatched', on: { click: view.showWaste } },
      element('span', { class: 'plate' }, element('strong', {}, bytes(hiddenBytes)), ' hidden'),
    );
    block.setAttribute(
      'aria-label',
      `${bytes(hiddenBytes)} hidden by later layers: show what hides them`,
    );
    return block;
  }

  function describe({ folder, path }) {
    const layer = mainLayer(folder, layers);
    const what =
      folder.children?.length || folder.files !== 1 ? counted(folder.files, 'file') : null;
    const many = Object.keys(folder.layers ?? {}).length > 1;
    const from = layer
      ? `${many ? 'mostly ' : ''}${placeOf(layer, view.dockerfile)}: ${instructionOf(layer)}`
      : null;
    return [
      pathOf(path),
      bytes(folder.bytes),
      percent(folder.bytes, root.bytes),
      what,
      from,
    ].filter(Boolean);
  }

  /** Lays out everything that can be seen; positions are in percent, so that they keep when the paper is narrower. */
  function draw() {
    const [width, height] = [map.clientWidth, map.clientHeight];
    const size = `${width} ${height}`;
    if (width === 0 || height === 0 || size === drawnAt) return;
    drawnAt = size;
    tiles = [];
    const top = { path: names(), level: 0, parent: null, children: [] };
    const queue = [{ folder: way.at(-1), tile: top, box: { x: 0, y: 0, w: width, h: height } }];
    // By level, so that a limit leaves out the smallest things.
    while (queue.length > 0 && tiles.length < MOST_TILES) {
      const { folder, tile: parent, box } = queue.shift();
      const inner = folder.children?.length ? folder.children : [folder];
      const rectangles = squarify(inner, box).filter(({ w, h }) => w >= SMALLEST && h >= SMALLEST);
      rectangles.forEach(({ item, x, y, w, h }, position) => {
        const tile = {
          folder: item,
          path: folder.children?.length ? [...parent.path, item.name] : parent.path,
          level: parent.level + 1,
          position: position + 1,
          siblings: rectangles.length,
          parent,
          children: [],
          opens: Boolean(item.children?.length),
          box: { x, y, w, h },
        };
        tile.holds = tile.opens && tile.level < DEEPEST && w > 52 && h > 46;
        parent.children.push(tile);
        tiles.push(tile);
        if (tile.holds) {
          queue.push({
            folder: item,
            tile,
            box: { x: x + 3, y: y + LABEL_HEIGHT + 1, w: w - 6, h: h - LABEL_HEIGHT - 4 },
          });
        }
      });
    }
    focused = Math.min(focused, Math.max(0, tiles.length - 1));
    const share = (part, whole) => `${((part / whole) * 100).toFixed(3)}%`;
    map.replaceChildren(
      ...tiles.map((tile, at) => {
        const { x, y, w, h } = tile.box;
        tile.node = element(
          'div',
          {
            class: `tile ${tile.holds ? 'holds' : ''} ${tile.opens ? 'opens' : ''}`,
            role: 'treeitem',
            tabindex: at === focused ? '0' : '-1',
            'aria-level': tile.level,
            'aria-posinset': tile.position,
            'aria-setsize': tile.siblings,
            'aria-expanded': tile.holds ? 'true' : tile.opens ? 'false' : null,
            'aria-label': describe(tile).join(', '),
            style: {
              left: share(x, width),
              top: share(y, height),
              width: share(w, width),
              height: share(h, height),
              ...(tile.holds ? {} : { background: paint(tile.folder, layers) }),
            },
          },
          w > 34 && h > 15 ? label(tile) : null,
        );
        tile.node.tile = tile;
        return tile.node;
      }),
    );
    highlight();
  }

  /** A name may be cut, a number that is cut is a wrong number. */
  function label(tile) {
    const { w, h } = tile.box;
    const roomy = !tile.holds && h > 36;
    const size = bytes(tile.folder.bytes);
    const fits = w > size.length * 7 + (roomy ? 12 : 60);
    return element(
      'span',
      { class: `tile-label ${roomy ? 'roomy' : ''}` },
      element('span', { class: 'tile-name' }, tile.folder.name),
      fits ? element('span', { class: 'tile-bytes' }, size) : null,
    );
  }

  /** Mutes what the selected layer does not bring. */
  function highlight() {
    const selected = view.selected;
    map.classList.toggle('highlights', selected !== null);
    for (const tile of tiles) {
      const brings = selected !== null && (tile.folder.layers?.[selected] ?? 0) > 0;
      tile.node.classList.toggle('lit', brings);
    }
  }

  function say(tile) {
    if (!tile) {
      const folder = way.at(-1);
      status.replaceChildren(
        element('strong', {}, pathOf(names())),
        ` ${bytes(folder.bytes)} · ${counted(folder.files, 'file')}. Arrows move, Enter opens a folder, Escape leaves it.`,
      );
      return;
    }
    const [path, ...facts] = describe(tile);
    status.replaceChildren(element('strong', {}, path), ` ${facts.join(' · ')}`);
  }

  function focusOn(tile) {
    if (!tile) return;
    tiles[focused]?.node.setAttribute('tabindex', '-1');
    focused = tiles.indexOf(tile);
    tile.node.setAttribute('tabindex', '0');
    tile.node.focus();
  }

  const open = (tile) => {
    if (tile.opens) view.go(tile.path);
    else if (tile.parent.level > 0) view.go(tile.parent.path);
  };

  const leave = () => {
    if (way.length > 1) view.go(names().slice(0, -1));
  };

  function onKey(event) {
    const tile = event.target.tile;
    if (!tile || event.ctrlKey || event.metaKey || event.altKey) return;
    const beside = (step) => tile.parent.children[tile.position - 1 + step];
    const actions = {
      ArrowDown: () => focusOn(beside(1)),
      ArrowUp: () => focusOn(beside(-1)),
      ArrowRight: () => focusOn(tile.children[0]),
      ArrowLeft: () => focusOn(tile.parent.level > 0 ? tile.parent : null),
      Home: () => focusOn(tile.parent.children[0]),
      End: () => focusOn(tile.parent.children.at(-1)),
      Enter: () => open(tile),
      ' ': () => open(tile),
      Escape: leave,
      Backspace: leave,
    };
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  }

  const tileAt = (event) => event.target.closest('.tile')?.tile;
  map.addEventListener('keydown', onKey);
  map.addEventListener('click', (event) => {
    const tile = tileAt(event);
    if (tile) open(tile);
  });
  map.addEventListener('pointerover', (event) => say(tileAt(event)));
  map.addEventListener('pointerleave', () => say(document.activeElement?.tile));
  map.addEventListener('focusin', (event) => say(event.target.tile));
  map.addEventListener('focusout', () => say(null));

  /** Shows the folder at `path`. Who zoomed by keyboard or mouse in the map stays in it. */
  function show(path) {
    const inside = map.contains(document.activeElement);
    const inCrumbs = crumbs.contains(document.activeElement);
    const from = way.length > path.length + 1 ? way[path.length + 1] : null;
    way = walk(root, path);
    focused = 0;
    frame.classList.toggle('zoomed', way.length > 1);
    drawCrumbs();
    listing.replaceChildren(folderTable(view, way));
    drawnAt = '';
    draw();
    say(null);
    if (inside) focusOn(tiles.find((tile) => tile.folder === from) ?? tiles[0]);
    if (inCrumbs) crumbs.querySelector('[aria-current]')?.focus();
  }

  function drawCrumbs() {
    crumbs.replaceChildren(
      ...way.map((folder, depth) =>
        element(
          'li',
          {},
          button(
            {
              class: 'crumb',
              'aria-current': depth === way.length - 1 ? 'location' : null,
              on: { click: () => view.go(names().slice(0, depth)) },
            },
            folder.name,
          ),
        ),
      ),
    );
  }

  if (waste) {
    const part = hiddenBytes / Math.max(1, root.bytes + hiddenBytes);
    waste.style.setProperty('--part', `${Math.max(1.5, part * 100).toFixed(2)}%`);
  }
  onWidth(frame, draw);
  view.onSelect(highlight);

  const node = card(
    'Visible files',
    { class: 'treemap' },
    element('nav', { class: 'crumbs', 'aria-label': 'Folder' }, crumbs),
    frame,
    status,
    layerLegend(view),
    element('details', {}, element('summary', {}, 'This folder as a table'), listing),
  );
  return { node, show };
}

/** The layers that bring visible files, as switches. */
function layerLegend(view) {
  const shown = view.layers.filter((layer) => (view.image.folders.layers?.[layer.index] ?? 0) > 0);
  const switches = shown.map((layer) =>
    button(
      {
        class: 'chip',
        'aria-pressed': 'false',
        title: instructionOf(layer),
        on: { click: () => view.select(layer.index) },
      },
      element('span', {
        class: 'swatch',
        style: { background: layer.color },
        'aria-hidden': 'true',
      }),
      `${layer.isBase ? 'base ' : ''}${placeOf(layer, layer.isBase ? layer.origin.dockerfile : view.dockerfile)}`,
      element('span', { class: 'sub' }, bytes(view.image.folders.layers[layer.index])),
    ),
  );
  view.onSelect((selected) => {
    switches.forEach((item, at) =>
      item.setAttribute('aria-pressed', String(shown[at].index === selected)),
    );
  });
  return element(
    'div',
    { class: 'chips', role: 'group', 'aria-label': 'Highlight the files of a layer' },
    ...switches,
  );
}

/** What the map shows, for those who do not see it. */
function folderTable(view, way) {
  const folder = way.at(-1);
  const names = way.slice(1).map((part) => part.name);
  const opened = (child) =>
    button(
      { class: 'link', on: { click: () => view.go([...names, child.name]) } },
      `${child.name}/`,
    );
  return dataTable({
    caption: `Content of ${pathOf(names)}`,
    rows: folder.children ?? [],
    empty: 'Nothing is listed here.',
    columns: [
      {
        label: 'Name',
        value: (child) => child.name,
        show: (child) =>
          child.children?.length
            ? opened(child)
            : child.name === '…'
              ? '… (smaller ones)'
              : child.name,
      },
      {
        label: 'Bytes',
        numeric: true,
        value: (child) => child.bytes,
        show: (child) => bytes(child.bytes),
      },
      {
        label: 'Share',
        numeric: true,
        value: (child) => child.bytes,
        show: (child) => percent(child.bytes, view.image.folders.bytes),
      },
      {
        label: 'Files',
        numeric: true,
        value: (child) => child.files,
        show: (child) => number(child.files),
      },
      {
        label: 'Layer',
        value: (child) => mainLayer(child, view.layers)?.index ?? -1,
        show: (child) => {
          const layer = mainLayer(child, view.layers);
          return layer ? layerMark(layer, view.dockerfile) : '';
        },
      },
    ],
  });
}
