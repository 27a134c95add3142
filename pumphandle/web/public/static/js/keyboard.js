// Arrow keys go to the nearest area in that direction; Enter opens it, being a link; Tab leaves the map.

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function arrows(map, { lens }) {
  const links = [...map.querySelectorAll("a")];
  if (!links.length) return;
  const middles = new Map();
  const middle = (link) => {
    if (!middles.has(link)) {
      const box = link.getBBox();
      middles.set(link, [box.x + box.width / 2, box.y + box.height / 2]);
    }
    return middles.get(link);
  };
  let current = map.querySelector(".here")?.closest("a") ?? links[0];
  current.setAttribute("tabindex", "0");

  const go = (link) => {
    current.setAttribute("tabindex", "-1");
    current = link;
    current.setAttribute("tabindex", "0");
    lens.reveal(middle(current));
    current.focus({ preventScroll: true });
  };
  const nearest = ([dx, dy]) => {
    const [x, y] = middle(current);
    let best = null;
    let least = Infinity;
    for (const link of links) {
      const [ox, oy] = middle(link);
      const along = (ox - x) * dx + (oy - y) * dy;
      const across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      if (link === current || along <= 0 || across > along * 1.5) continue;
      const cost = along + 1.5 * across;
      if (cost < least) [best, least] = [link, cost];
    }
    return best;
  };
  map.parentElement.addEventListener("keydown", (event) => {
    if (!map.contains(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
    const way = WAYS[event.key];
    if (way) {
      event.preventDefault();
      const next = nearest(way);
      if (next) go(next);
    } else if (event.key === "+" || event.key === "=") lens.closer(middle(current));
    else if (event.key === "-") lens.farther();
    else if (event.key === "0") lens.whole();
  });
}
