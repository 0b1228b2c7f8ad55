// Rectangles for amounts, as square as possible: the algorithm of Bruls, Huizing and van Wijk (2000).

/** Lays `items` (largest first, by `bytes`) into `box`; returns an item with its box for each that has bytes. */
function squarify(items, box) {
  const rest = items.filter((item) => item.bytes > 0);
  const total = sum(rest, (item) => item.bytes);
  const placed = [];
  if (total === 0 || box.w <= 0 || box.h <= 0) return placed;
  const scale = (box.w * box.h) / total;
  let { x, y, w, h } = box;
  let at = 0;
  while (at < rest.length) {
    const side = Math.min(w, h);
    if (side <= 0) break;
    const largest = rest[at].bytes * scale;
    let area = largest;
    let end = at + 1;
    let worst = ratio(area, largest, largest, side);
    while (end < rest.length) {
      const next = rest[end].bytes * scale;
      const worse = ratio(area + next, largest, next, side);
      if (worse > worst) break;
      worst = worse;
      area += next;
      end += 1;
    }
    const depth = area / side;
    let along = 0;
    for (const item of rest.slice(at, end)) {
      const length = (item.bytes * scale) / depth;
      placed.push(
        w >= h
          ? { item, x, y: y + along, w: depth, h: length }
          : { item, x: x + along, y, w: length, h: depth },
      );
      along += length;
    }
    if (w >= h) {
      x += depth;
      w -= depth;
    } else {
      y += depth;
      h -= depth;
    }
    at = end;
  }
  return placed;
}

/** The worst proportion of a row of `area` along `side` with areas from `smallest` to `largest`. */
function ratio(area, largest, smallest, side) {
  const squared = side * side;
  return Math.max((squared * largest) / (area * area), (area * area) / (squared * smallest));
}
