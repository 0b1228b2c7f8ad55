// Which view is shown, and in which colors. A link is `#image` or `#image/folder/folder`.

const data = JSON.parse(document.getElementById('data').textContent);
const overview = document.getElementById('overview');
const place = document.getElementById('image');
const nav = document.getElementById('images');
let current = null;

const linkTo = (key, path = []) => `#${[key, ...path].map(encodeURIComponent).join('/')}`;

/** The image and folder of the address; `null` for the overview. */
function wanted() {
  try {
    const [key, ...path] = location.hash.slice(1).split('/').map(decodeURIComponent);
    const image = data.images.find((candidate) => candidate.key === key);
    return image ? { image, path } : null;
  } catch {
    return null;
  }
}

const links = [
  element('a', { href: '#' }, 'All images'),
  ...data.images.map(({ key }) => element('a', { href: linkTo(key) }, key)),
];

function show(isStart) {
  const target = wanted();
  const image = target?.image ?? null;
  const changed = image !== (current?.image ?? null);
  if (changed || isStart) {
    current = null;
    overview.hidden = Boolean(image);
    place.hidden = !image;
    place.replaceChildren();
    if (image) {
      current = {
        image,
        ...imageView(image, data, (path) => {
          location.hash = linkTo(image.key, path);
        }),
      };
      place.append(current.node);
    }
    document.title = image ? `${image.key} – ${data.title}` : data.title;
    links.forEach((link, at) => {
      const isHere = at === 0 ? !image : data.images[at - 1] === image;
      if (isHere) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
      if (isHere) link.scrollIntoView({ block: 'nearest', inline: 'center' });
    });
    if (!isStart) {
      scrollTo(0, 0);
      (current?.title ?? document.getElementById('overview-title')).focus({ preventScroll: true });
    }
  }
  current?.show(target.path);
}

// The fragment is an image's name here, so this link must not change it.
document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  document.getElementById('content').focus();
});

const THEMES = ['auto', 'light', 'dark'];
const themeSwitch = document.getElementById('theme');

/** A file's storage may be switched off: then the choice lasts as long as the page. */
function stored(theme) {
  try {
    if (theme) localStorage.setItem('docker-size-theme', theme);
    return localStorage.getItem('docker-size-theme');
  } catch {
    return null;
  }
}

function setTheme(theme) {
  if (theme === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', theme);
  themeSwitch.dataset.choice = theme;
  themeSwitch.textContent = { auto: '◐ Auto', light: '☀ Light', dark: '☾ Dark' }[theme];
  themeSwitch.setAttribute('aria-label', `Colors: ${theme}`);
}

themeSwitch.addEventListener('click', () => {
  const next = THEMES[(THEMES.indexOf(themeSwitch.dataset.choice) + 1) % THEMES.length];
  setTheme(next);
  stored(next);
});
setTheme(THEMES.includes(stored()) ? stored() : 'auto');
themeSwitch.hidden = false;

nav.append(...links);
nav.hidden = false;
addEventListener('hashchange', () => show(false));
show(true);
