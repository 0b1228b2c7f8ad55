// Tables that sort and filter. On narrow screens style turns rows into cards, so roles are named.

const ROWS_AT_ONCE = 50;

/**
 * A table of `rows`. A column has a `label`; `value` gives what is compared and filtered; `show` gives what is shown,
 * else it is the value; `numeric` columns begin with the largest. The first column heads its row.
 */
function dataTable({ caption, columns, rows, empty, note = null }) {
  if (rows.length === 0) return element('p', { class: 'empty' }, empty);
  let shown = ROWS_AT_ONCE;
  let order = null;
  let wanted = '';
  const body = element('tbody', { role: 'rowgroup' });
  const status = element('span', { class: 'sub', role: 'status' });
  const more = button({ class: 'quiet', on: { click: showMore } });
  const text = (row) =>
    columns
      .map((column) => String(column.value(row)))
      .join('\n')
      .toLowerCase();
  const index = new Map();

  function matching() {
    if (wanted === '') return [...rows];
    return rows.filter((row) => {
      if (!index.has(row)) index.set(row, text(row));
      return index.get(row).includes(wanted);
    });
  }

  function compare(a, b) {
    const [x, y] = [order.column.value(a), order.column.value(b)];
    const result = typeof x === 'number' ? x - y : String(x).localeCompare(String(y), 'en');
    return order.ascending ? result : -result;
  }

  function cell(column, position, row) {
    const content = column.show ? column.show(row) : column.value(row);
    const attributes = { class: column.numeric ? 'num' : 'words', 'data-label': column.label };
    return position === 0
      ? element('th', { ...attributes, scope: 'row', role: 'rowheader' }, content)
      : element('td', { ...attributes, role: 'cell' }, content);
  }

  function fill() {
    const found = matching();
    if (order) found.sort(compare);
    body.replaceChildren(
      ...found
        .slice(0, shown)
        .map((row) =>
          element('tr', { role: 'row' }, ...columns.map((column, at) => cell(column, at, row))),
        ),
    );
    const left = found.length - Math.min(shown, found.length);
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(left, ROWS_AT_ONCE)} more of ${left}`;
    status.textContent =
      wanted === ''
        ? counted(rows.length, 'row')
        : `${found.length} of ${counted(rows.length, 'row')}`;
  }

  function showMore() {
    const first = shown;
    shown += ROWS_AT_ONCE;
    fill();
    const next = body.rows[first];
    if (next) {
      next.tabIndex = -1;
      next.focus();
    }
  }

  const heads = columns.map((column) => {
    const sort = button(
      { class: 'sort' },
      column.label,
      element('span', { class: 'arrow', 'aria-hidden': 'true' }),
    );
    const head = element(
      'th',
      { scope: 'col', role: 'columnheader', class: column.numeric ? 'num' : null },
      sort,
    );
    sort.addEventListener('click', () => {
      const ascending = order?.column === column ? !order.ascending : !column.numeric;
      order = { column, ascending };
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
      fill();
    });
    return head;
  });

  const filter = element('input', {
    type: 'search',
    placeholder: 'Filter',
    'aria-label': `Filter: ${caption}`,
    on: {
      input: () => {
        wanted = filter.value.trim().toLowerCase();
        shown = ROWS_AT_ONCE;
        fill();
      },
    },
  });

  fill();
  return element(
    'div',
    { class: 'listing' },
    element(
      'div',
      { class: 'tools' },
      note ? element('p', {}, note) : null,
      rows.length > 5 ? filter : null,
      status,
    ),
    element(
      'table',
      { class: 'data', role: 'table' },
      element('caption', { class: 'unseen' }, caption),
      element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
      body,
    ),
    more,
  );
}

/** Panels of which one is shown at a time; on paper all are. */
function tabs(label, panels) {
  const names = panels.map(({ title, badge }, at) =>
    button(
      { role: 'tab', id: newId('tab'), on: { click: () => choose(at), keydown: move } },
      title,
      badge ? element('span', { class: 'badge' }, badge) : null,
    ),
  );
  const bodies = panels.map(({ title, content }, at) =>
    element(
      'div',
      { role: 'tabpanel', id: newId('panel'), 'aria-labelledby': names[at].id, tabindex: '0' },
      element('h4', { class: 'on-paper' }, title),
      content,
    ),
  );
  names.forEach((name, at) => name.setAttribute('aria-controls', bodies[at].id));

  function choose(chosen) {
    names.forEach((name, at) => {
      name.setAttribute('aria-selected', String(at === chosen));
      name.tabIndex = at === chosen ? 0 : -1;
      bodies[at].hidden = at !== chosen;
    });
  }

  function move(event) {
    const at = names.indexOf(event.currentTarget);
    const last = names.length - 1;
    const next = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
    names[next].focus();
  }

  choose(0);
  const list = element(
    'div',
    { class: 'tabs' },
    element('div', { role: 'tablist', 'aria-label': label }, ...names),
    ...bodies,
  );
  return { list, choose };
}
