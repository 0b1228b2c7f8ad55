// Elements. Text always becomes a text node: nothing foreign is ever read as markup.

/** Fills `node`: `on` holds listeners, `style` properties, `true` is an empty attribute, `null` and `false` are none. */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === 'style') {
      for (const [property, text] of Object.entries(value)) node.style.setProperty(property, text);
    } else {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

const element = (name, attributes = {}, ...children) =>
  filled(document.createElement(name), attributes, children);

const shape = (name, attributes = {}, ...children) =>
  filled(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

const button = (attributes, ...children) =>
  element('button', { type: 'button', ...attributes }, ...children);

let lastId = 0;
const newId = (prefix) => `${prefix}-${++lastId}`;

/** Text for screen readers only. */
const unseen = (text) => element('span', { class: 'unseen' }, text);

/** A part of the page with a heading. */
function card(title, attributes, ...children) {
  const id = newId('title');
  return element(
    'section',
    { ...attributes, class: `card ${attributes.class ?? ''}`, 'aria-labelledby': id },
    element('h3', { id }, title),
    ...children,
  );
}

/** Calls `draw` once for each change of the width of `node`, as long as it is part of the page. */
function onWidth(node, draw) {
  let width = 0;
  new ResizeObserver((entries) => {
    const now = Math.round(entries[0].contentRect.width);
    if (now === 0 || now === width) return;
    width = now;
    requestAnimationFrame(() => draw(now));
  }).observe(node);
}
