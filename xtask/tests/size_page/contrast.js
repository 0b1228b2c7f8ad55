// Texts that cannot be read: less contrast than WCAG AA asks for. Texts on gradients are held to each of their colors.
(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const channels = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], ground) => [r, g, b].map((c, at) => c * a + ground[at] * (1 - a));
  const luminance = (color) =>
    color
      .slice(0, 3)
      .map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const grounds = (node) => {
    if (!node) return [[255, 255, 255]];
    const style = getComputedStyle(node);
    const stops = style.backgroundImage.match(/(?:rgba?|color|oklab)\([^)]*\)/g);
    if (stops) return stops.map((stop) => over(channels(stop), [255, 255, 255]));
    const own = channels(style.backgroundColor);
    if (own[3] === 1) return [own];
    return grounds(node.parentElement).map((ground) => over(own, ground));
  };
  const bad = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const node = text.parentElement;
    if (
      !text.textContent.trim() ||
      node.closest('script, style, noscript, .unseen') ||
      !node.checkVisibility()
    )
      continue;
    const style = getComputedStyle(node);
    const ink = channels(node instanceof SVGElement ? style.fill : style.color);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    for (const ground of grounds(node)) {
      const found = contrast(over(ink, ground), ground);
      if (found < needed)
        bad.add(
          `${node.className || node.tagName} "${text.textContent.trim().slice(0, 30)}" ${found.toFixed(2)}`,
        );
    }
  }
  return [...bad].slice(0, 20).join('\n');
})();
