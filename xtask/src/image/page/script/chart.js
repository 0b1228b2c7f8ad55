// Sizes over time.

const DAY = 86_400_000;
const CHART_HEIGHT = 200;
const MARGIN = { left: 64, right: 14, top: 14, bottom: 26 };

/** The points of an image for its platform, each with the time it is drawn at: several of one day stand apart. */
function pointsOf(image, history) {
  const known = Object.hasOwn(history.images, image.name) ? history.images[image.name] : [];
  const all = known.filter((point) => point.platform === image.platform);
  const ofDay = new Map();
  return all.map((point, at) => {
    const day = Date.parse(point.date);
    const nth = ofDay.get(point.date) ?? 0;
    ofDay.set(point.date, nth + 1);
    const total = all.filter((other) => other.date === point.date).length;
    return { ...point, time: Number.isNaN(day) ? at * DAY : day + (nth / total) * DAY };
  });
}

/** The straight line with the least squared distance: bytes at a time, and bytes a day. */
function trendOf(points, value) {
  if (points.length < 3) return null;
  const middle = sum(points, (point) => point.time) / points.length;
  const mean = sum(points, value) / points.length;
  const spread = sum(points, (point) => (point.time - middle) ** 2);
  if (spread < (3 * DAY) ** 2) return null;
  const slope = sum(points, (point) => (point.time - middle) * (value(point) - mean)) / spread;
  return { at: (time) => mean + slope * (time - middle), perDay: slope * DAY };
}

/** Round numbers from `from` to `to`, at most about `most`. */
function ticks(from, to, most) {
  const rough = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const found = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

/** What a trend means, in words. */
function trendWords(trend, last, limit) {
  if (!trend) return 'Too few points for a trend.';
  const month = trend.perDay * 30;
  if (Math.abs(month) < last * 0.001) return 'Steady.';
  const words = `${signed(Math.round(month))} in 30 days`;
  const days = limit && trend.perDay > 0 ? (limit - last) / trend.perDay : null;
  if (days === null || days < 0 || days > 3 * 365) return `${words}.`;
  const left = days < 60 ? counted(Math.round(days), 'day') : `${Math.round(days / 30)} months`;
  return `${words}; at this pace the budget is reached in ${left}.`;
}

function panel({ title, points, value, limit, soft, name }) {
  const trend = trendOf(points, value);
  const sizes = points.map(value);
  const bounds = [...sizes, ...(limit ? [limit] : [])];
  const [least, most] = [Math.min(...bounds), Math.max(...bounds)];
  const room = Math.max((most - least) * 0.12, most * 0.01, 1);
  const [low, high] = [Math.max(0, least - room), most + room];
  const [first, last] = [points[0].time, points.at(-1).time];
  const words = trendWords(trend, sizes.at(-1), limit);
  const status = element('p', { class: 'status', role: 'status' }, words);
  const drawing = shape('svg', {
    class: `chart ${name}`,
    role: 'img',
    tabindex: '0',
    height: CHART_HEIGHT,
    'aria-label': `${title} over ${counted(points.length, 'commit')}, from ${bytes(sizes[0])} on ${points[0].date} to ${bytes(sizes.at(-1))} on ${points.at(-1).date}. ${limit ? `Budget ${bytes(limit)}. ` : ''}${words} Arrow keys read single points.`,
  });
  let chosen = null;
  let place = null;
  const cursor = shape(
    'g',
    { class: 'cursor', visibility: 'hidden' },
    shape('line', {}),
    shape('circle', { r: 5 }),
  );

  function draw(width) {
    const [left, right] = [MARGIN.left, width - MARGIN.right];
    const [top, bottom] = [MARGIN.top, CHART_HEIGHT - MARGIN.bottom];
    const x = (time) =>
      last === first
        ? (left + right) / 2
        : left + ((time - first) / (last - first)) * (right - left);
    const y = (size) => bottom - ((size - low) / (high - low)) * (bottom - top);
    place = (point) => [x(point.time), y(value(point)), top, bottom];
    drawing.setAttribute('viewBox', `0 0 ${width} ${CHART_HEIGHT}`);
    const across = (className, size) =>
      shape('line', { class: className, x1: left, x2: right, y1: y(size), y2: y(size) });
    const path = points
      .map(
        (point, at) => `${at ? 'L' : 'M'}${x(point.time).toFixed(1)} ${y(value(point)).toFixed(1)}`,
      )
      .join('');
    const dates =
      width < 420
        ? [points[0], points.at(-1)]
        : [points[0], points[Math.floor((points.length - 1) / 2)], points.at(-1)];
    const anchors = ['start', 'middle', 'end'];
    drawing.replaceChildren(
      ...ticks(low, high, 4).flatMap((size) => [
        across('grid', size),
        shape(
          'text',
          { x: left - 8, y: y(size) + 4, 'text-anchor': 'end' },
          bytes(Math.round(size)),
        ),
      ]),
      ...(points.length > 1
        ? dates.map((point, at) =>
            shape(
              'text',
              {
                x: x(point.time),
                y: CHART_HEIGHT - 8,
                'text-anchor': at === 0 ? 'start' : anchors[at === dates.length - 1 ? 2 : 1],
              },
              point.date,
            ),
          )
        : [
            shape(
              'text',
              { x: x(first), y: CHART_HEIGHT - 8, 'text-anchor': 'middle' },
              points[0].date,
            ),
          ]),
      ...(soft && soft > low ? [across('soft', soft)] : []),
      ...(limit
        ? [
            across('limit', limit),
            shape(
              'text',
              { class: 'limit-name', x: left + 4, y: y(limit) - 5 },
              `budget ${bytes(limit)}`,
            ),
          ]
        : []),
      ...(trend
        ? [
            shape('line', {
              class: 'trend',
              x1: x(first),
              x2: x(last),
              y1: y(trend.at(first)),
              y2: y(trend.at(last)),
            }),
          ]
        : []),
      shape('path', { class: 'series', d: path }),
      ...(points.length <= 60
        ? points.map((point) =>
            shape('circle', { class: 'point', cx: x(point.time), cy: y(value(point)), r: 2.5 }),
          )
        : []),
      cursor,
    );
    choose(chosen);
  }

  function choose(at) {
    chosen = at;
    cursor.setAttribute('visibility', at === null ? 'hidden' : 'visible');
    if (at === null) {
      status.textContent = words;
      return;
    }
    const point = points[at];
    const [cx, cy, top, bottom] = place(point);
    const [line, dot] = cursor.children;
    for (const [attribute, number] of Object.entries({ x1: cx, x2: cx, y1: top, y2: bottom }))
      line.setAttribute(attribute, number);
    dot.setAttribute('cx', cx);
    dot.setAttribute('cy', cy);
    const change = at > 0 ? sizes[at] - sizes[at - 1] : null;
    status.textContent = `${point.date}, ${point.commit.slice(0, 10)}: ${bytes(sizes[at])}${change ? ` (${signed(change)})` : ''}`;
  }

  drawing.addEventListener('pointermove', (event) => {
    if (!place) return;
    const box = drawing.getBoundingClientRect();
    const at = (event.clientX - box.left) * (drawing.viewBox.baseVal.width / box.width);
    const distance = (point) => Math.abs(place(point)[0] - at);
    choose(
      points.reduce(
        (best, point, index) => (distance(point) < distance(points[best]) ? index : best),
        0,
      ),
    );
  });
  drawing.addEventListener('pointerleave', () => choose(null));
  drawing.addEventListener('blur', () => choose(null));
  drawing.addEventListener('keydown', (event) => {
    const end = points.length - 1;
    const next = {
      ArrowRight: chosen === null ? 0 : Math.min(end, chosen + 1),
      ArrowLeft: chosen === null ? end : Math.max(0, chosen - 1),
      Home: 0,
      End: end,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  });
  const node = element('div', { class: 'panel' }, element('h4', {}, title), drawing, status);
  onWidth(node, draw);
  return node;
}

function historyCard(view, history) {
  const points = pointsOf(view.image, history);
  if (points.length === 0) return null;
  const limits = (measure) => view.budgets.find((line) => line.measure === measure);
  const of = (measure, title) =>
    panel({
      title,
      name: measure,
      points,
      value: (point) => point[`${measure}_bytes`],
      limit: limits(measure)?.limit,
      soft: limits(measure)?.soft_limit,
    });
  const known = (label, field) => ({
    label,
    numeric: true,
    value: (point) => point[field] ?? -1,
    show: (point) =>
      point[field] === null || point[field] === undefined ? 'unknown' : bytes(point[field]),
  });
  return card(
    'History',
    { class: 'history' },
    element('div', { class: 'panels' }, of('unpacked', 'Unpacked'), of('compressed', 'Compressed')),
    element(
      'details',
      {},
      element('summary', {}, 'History as a table'),
      dataTable({
        caption: 'Sizes by commit',
        rows: [...points].reverse(),
        empty: '',
        columns: [
          {
            label: 'Commit',
            value: (point) => point.commit,
            show: (point) => element('code', {}, point.commit.slice(0, 10)),
          },
          { label: 'Date', value: (point) => point.date },
          known('Unpacked', 'unpacked_bytes'),
          known('Compressed', 'compressed_bytes'),
          known('Hidden', 'hidden_bytes'),
        ],
      }),
    ),
  );
}
