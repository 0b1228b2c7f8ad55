// Numbers as the rest of the tool writes them.

function bytes(count) {
  if (count < 1_000) return `${count} B`;
  if (count < 999_950) return `${(count / 1e3).toFixed(1)} kB`;
  if (count < 999_950_000) return `${(count / 1e6).toFixed(1)} MB`;
  return `${(count / 1e9).toFixed(2)} GB`;
}

const signed = (count) => (count < 0 ? `−${bytes(-count)}` : `+${bytes(count)}`);

const number = (count) => count.toLocaleString('en-US');

const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

function percent(part, whole) {
  if (!whole || !part) return '0 %';
  const share = (part / whole) * 100;
  if (share < 0.1) return '< 0.1 %';
  return `${share.toFixed(share < 10 ? 1 : 0)} %`;
}

const sum = (items, value) => items.reduce((total, item) => total + value(item), 0);

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The name of a file without its folders. */
const lastPart = (path) => path.slice(path.lastIndexOf('/') + 1);
