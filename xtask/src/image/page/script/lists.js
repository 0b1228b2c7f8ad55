// What is hidden, left over, there twice, installed and large.

const CAUSES = {
  removed: {
    word: 'removed',
    advice: 'Remove it in the instruction that adds it, or copy from a stage that never had it.',
  },
  replaced: { word: 'replaced', advice: 'Write it once, with its final content.' },
  metadata_only: {
    word: 'copied for new metadata',
    advice: 'Set owner and permissions where it is added: COPY --chown and --chmod.',
  },
  moved: { word: 'moved', advice: 'Put it in its final place at once.' },
};

const causeOf = (cause) => CAUSES[cause] ?? { word: cause, advice: '' };

const byteColumn = (label, value) => ({
  label,
  numeric: true,
  value,
  show: (row) => bytes(value(row)),
});
const countColumn = (label, value) => ({
  label,
  numeric: true,
  value,
  show: (row) => number(value(row)),
});
const pathColumn = (label, value) => ({
  label,
  value,
  show: (row) => element('code', { class: 'path' }, value(row)),
});

function layerColumn(view, label, value) {
  return {
    label,
    value: (row) => value(row) ?? -1,
    show: (row) => {
      const layer = view.layers[value(row)];
      return layer ? layerMark(layer, view.dockerfile) : '';
    },
  };
}

const slashed = (path) => (path.startsWith('/') ? path : `/${path}`);

/** "Line 14 hides 5.2 MB that line 12 added." */
function wasteSentence(view, waste) {
  const by = placeOf(view.layers[waste.hidden_by], view.dockerfile);
  const added = placeOf(view.layers[waste.added_by], view.dockerfile);
  return [
    `${capital(by)} hides `,
    element('strong', {}, bytes(waste.bytes)),
    ` that ${added} added`,
  ];
}

function wasteList(view) {
  const { waste, sizes } = view.image;
  if (waste.length === 0) {
    const text =
      sizes.hidden_bytes === 0
        ? 'No layer hides bytes of another.'
        : 'What is hidden is not known.';
    return element('p', { class: 'empty' }, text);
  }
  return element(
    'ol',
    { class: 'waste' },
    ...waste.map((group) =>
      element(
        'li',
        {},
        element(
          'p',
          { class: 'waste-line' },
          ...wasteSentence(view, group),
          ` (${counted(group.files, 'file')} ${causeOf(group.cause).word}).`,
        ),
        element(
          'span',
          { class: 'track', 'aria-hidden': 'true' },
          element('span', {
            class: 'hatched',
            style: { width: `${(group.bytes / waste[0].bytes) * 100}%` },
          }),
        ),
        element('p', { class: 'sub' }, causeOf(group.cause).advice),
        element(
          'ul',
          { class: 'examples' },
          ...group.largest.map((file) =>
            element(
              'li',
              {},
              element('code', { class: 'path' }, slashed(file.path)),
              ` ${bytes(file.bytes)}`,
            ),
          ),
        ),
      ),
    ),
  );
}

function hiddenFiles(view) {
  return dataTable({
    caption: 'Largest hidden files',
    rows: view.image.hidden_files,
    empty: 'No file is hidden.',
    columns: [
      pathColumn('Hidden file', (file) => slashed(file.path)),
      byteColumn('Bytes', (file) => file.bytes),
      layerColumn(view, 'Added by', (file) => file.added_by),
      layerColumn(view, 'Hidden by', (file) => file.hidden_by),
      { label: 'How', value: (file) => causeOf(file.cause).word },
    ],
  });
}

const examples = (files) =>
  element(
    'ul',
    { class: 'examples' },
    ...files.map((file) =>
      element(
        'li',
        {},
        element('code', { class: 'path' }, slashed(file.path)),
        ` ${bytes(file.bytes)}`,
      ),
    ),
  );

function leftovers(view) {
  const { leftovers: rows } = view.image;
  return dataTable({
    caption: 'Leftovers',
    note: 'Files that no container needs.',
    rows,
    empty: 'Nothing was found that no container needs.',
    columns: [
      { label: 'Kind', value: (row) => row.category, show: (row) => capital(row.category) },
      byteColumn('Bytes', (row) => row.bytes),
      countColumn('Files', (row) => row.files),
      {
        label: 'Brought by',
        value: (row) => row.by_layer[0]?.layer ?? -1,
        show: (row) =>
          row.by_layer.map((part) =>
            element(
              'span',
              { class: 'by' },
              layerMark(view.layers[part.layer], view.dockerfile),
              ` ${bytes(part.bytes)} `,
            ),
          ),
      },
      {
        label: 'Largest',
        value: (row) => row.largest.map((file) => file.path).join(' '),
        show: (row) => examples(row.largest),
      },
    ],
  });
}

function duplicates(view) {
  const { duplicates: rows, duplicate_bytes: total } = view.image;
  return dataTable({
    caption: 'Duplicates',
    note: `Equal content at several paths: ${bytes(total)} beyond the first of each.`,
    rows,
    empty: 'No content is there twice.',
    columns: [
      {
        label: 'Paths',
        value: (row) => row.paths.join(' '),
        show: (row) =>
          element(
            'ul',
            { class: 'examples' },
            ...row.paths.map((path) =>
              element('li', {}, element('code', { class: 'path' }, slashed(path))),
            ),
            row.copies > row.paths.length
              ? element('li', {}, `and ${number(row.copies - row.paths.length)} more`)
              : null,
          ),
      },
      countColumn('Copies', (row) => row.copies),
      byteColumn('Each', (row) => row.each_bytes),
      byteColumn('Wasted', (row) => row.wasted_bytes),
    ],
  });
}

function packages(view) {
  return dataTable({
    caption: 'Packages',
    rows: view.image.packages,
    empty: 'No package database was found.',
    columns: [
      { label: 'Package', value: (row) => row.name },
      { label: 'Version', value: (row) => row.version },
      {
        label: 'Manager',
        value: (row) => row.manager,
        show: (row) => element('span', { class: 'tag' }, row.manager),
      },
      byteColumn('Bytes', (row) => row.bytes),
      countColumn('Files', (row) => row.files),
      layerColumn(view, 'Layer', (row) => row.layer),
    ],
  });
}

function largestFiles(view) {
  return dataTable({
    caption: 'Largest files',
    rows: view.image.largest_files,
    empty: 'No files were listed.',
    columns: [
      pathColumn('File', (file) => slashed(file.path)),
      byteColumn('Bytes', (file) => file.bytes),
      {
        label: 'Share',
        numeric: true,
        value: (file) => file.bytes,
        show: (file) => percent(file.bytes, view.image.sizes.unpacked_bytes),
      },
      layerColumn(view, 'Layer', (file) => file.layer),
    ],
  });
}

/** All lists of an image. */
function listsCard(view) {
  const { image } = view;
  const many = (rows) => (rows.length ? number(rows.length) : null);
  const { list, choose } = tabs('Lists', [
    {
      title: 'Hidden',
      badge: image.sizes.hidden_bytes ? bytes(image.sizes.hidden_bytes) : null,
      content: element('div', {}, wasteList(view), hiddenFiles(view)),
    },
    { title: 'Largest files', badge: many(image.largest_files), content: largestFiles(view) },
    { title: 'Packages', badge: many(image.packages), content: packages(view) },
    { title: 'Leftovers', badge: many(image.leftovers), content: leftovers(view) },
    { title: 'Duplicates', badge: many(image.duplicates), content: duplicates(view) },
  ]);
  const node = card('What is in it', { class: 'lists' }, list);
  const showWaste = () => {
    choose(0);
    node.scrollIntoView({ behavior: calm() ? 'auto' : 'smooth' });
    list.querySelector('[role=tab]').focus({ preventScroll: true });
  };
  return { node, showWaste };
}

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
