// The map of all small areas, laid over the picture that the server drew. Without WebGL 2 that picture simply stays.
import { days } from "./days.js";
import { finder } from "./finder.js";
import { labels } from "./labels.js";
import { lens } from "./lens.js";
import { pace } from "./pace.js";
import { CODES, painter } from "./painter.js";

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// The worker was begun by begin.js. Where the server drew all areas, what this thread does waits until its picture stands.
const source = document.querySelector("link[data-map]");
const pictured = source.rel === "prefetch" ? standing("[data-shapes] img.map").then(seen) : Promise.resolve();
standing("[data-shapes] canvas").then(async (canvas) => {
  await pictured;
  const brush = painter(canvas);
  if (brush) draw(canvas.closest("[data-shapes]"), await globalThis.shapesOfTheMap, brush);
});

/** When a picture stands on the screen, or cannot. */
async function seen(image) {
  await image.decode().catch(() => null);
  for (let frame = 0; frame < 2; frame++) await new Promise((done) => requestAnimationFrame(done));
}

/** The first element that fits, as soon as the page has it. */
function standing(selector) {
  const found = document.querySelector(selector);
  if (found) return Promise.resolve(found);
  return new Promise((done) => {
    const watch = new MutationObserver(() => {
      const late = document.querySelector(selector);
      if (!late) return;
      watch.disconnect();
      done(late);
    });
    watch.observe(document, { childList: true, subtree: true });
  });
}

async function draw(plate, shapes, brush) {
  if (document.readyState === "loading") await new Promise((done) => document.addEventListener("DOMContentLoaded", done));
  const canvas = plate.querySelector("canvas");
  brush.load(shapes);
  live(plate);
  const find = finder(shapes);
  const said = labels(plate, shapes);
  const query = () => new URLSearchParams(location.search);
  const numbers = new Map(shapes.areas.map((code, area) => [code, area]));

  let colours = null;
  const paint = () => {
    colours ??= inks(plate);
    brush.draw(view.view().view, { ...colours, near: view.view().near, pixel: canvas.width / plate.clientWidth });
    if (!plate.dataset.drawn) {
      plate.dataset.drawn = "yes";
      performance.mark("map-drawn");
    }
  };
  const { again, moved } = pace(canvas, { paint, done: brush.done, place: () => view.at() });
  let classes = [...plate.dataset.classes];
  brush.colour(classes);
  let chosen = null;
  const view = lens(plate, canvas, shapes, moved);

  const address = (area) => {
    const kept = query();
    kept.delete("focus");
    return `/areas/${shapes.areas[area]}${kept.size ? `?${kept}` : ""}`;
  };
  const choose = (area, { keep = true } = {}) => {
    chosen = area;
    brush.outline(area);
    said.choose(area, area === null ? "" : address(area));
    again();
    if (!keep) return;
    const kept = new URL(location.href);
    if (area === null) kept.searchParams.delete("focus");
    else kept.searchParams.set("focus", shapes.areas[area]);
    history.replaceState(null, "", kept);
  };

  const box = plate.dataset.focus?.split(" ").map(Number);
  if (box) view.show(box, 0.6);
  const asked = numbers.get(query().get("focus"));
  if (asked !== undefined) choose(asked, { keep: false });

  pointer(canvas, plate, { find, view, said, choose });
  plate.addEventListener("keydown", (event) => {
    if (event.target !== plate || event.altKey || event.ctrlKey || event.metaKey) return;
    const way = WAYS[event.key];
    if (way) {
      const next = chosen === null ? find.nearest(...view.place(plate.clientWidth / 2, plate.clientHeight / 2)) : find.towards(chosen, way);
      if (next !== null) {
        view.reveal(find.boxOf(next));
        choose(next);
      }
    } else if (event.key === "Enter" && chosen !== null) location.assign(address(chosen));
    else if (event.key === "+" || event.key === "=") view.closer(chosen === null ? null : view.pixels(...find.middle(chosen)));
    else if (event.key === "-") view.farther();
    else if (event.key === "0") view.whole();
    else if (event.key === "Escape") choose(null);
    else return;
    event.preventDefault();
  });
  plate.querySelector(".zoom").addEventListener("click", ({ target }) => {
    const { deed, box: part } = target.closest("button")?.dataset ?? {};
    if (deed === "show") view.show(part.split(" ").map(Number));
    else if (deed) view[deed]();
  });
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", () => {
      colours = null;
      again();
    });
  }
  days(plate, {
    paint(marks) {
      classes = shapes.areas.map((code) => marks.get(code) ?? "n");
      brush.colour(classes);
      again();
    },
    arrived(page) {
      const fresh = page.querySelector("[data-shapes]");
      classes = [...fresh.dataset.classes];
      plate.dataset.classes = fresh.dataset.classes;
      brush.colour(classes);
      said.follow(fresh.dataset.labels);
      if (chosen !== null) choose(chosen, { keep: false });
      again();
    },
  });
}

/** From a picture to a map that the keys can walk. */
function live(plate) {
  plate.classList.add("live");
  plate.closest("figure").classList.add("has-live");
  plate.tabIndex = 0;
  plate.setAttribute("role", "application");
  plate.setAttribute("aria-roledescription", plate.dataset.role);
  plate.setAttribute("aria-label", plate.dataset.name);
  plate.setAttribute("aria-describedby", "map-keys");
  plate.querySelector(".zoom").hidden = false;
  plate.querySelector(".map").setAttribute("aria-hidden", "true");
}

function pointer(canvas, plate, { find, view, said, choose }) {
  const at = (event) => {
    const box = plate.getBoundingClientRect(); // the canvas itself may be under way
    return [event.clientX - box.left - plate.clientLeft, event.clientY - box.top - plate.clientTop];
  };
  let over = null;
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" || event.buttons) return said.hide();
    const [x, y] = at(event);
    over = find.at(...view.place(x, y));
    if (over === null) said.hide();
    else said.show(over, x, y);
  });
  canvas.addEventListener("pointerleave", () => said.hide());
  canvas.addEventListener("click", (event) => {
    said.hide();
    choose(find.at(...view.place(...at(event))));
  });
}

/** The colours of the style sheet, so that light, dark and print are decided in one place. */
function inks(plate) {
  const style = getComputedStyle(plate);
  const read = (name) => {
    const value = style.getPropertyValue(name).trim();
    return [1, 3, 5].map((start) => Number.parseInt(value.slice(start, start + 2), 16) / 255);
  };
  const names = { o: "--open-ground", n: "--kn", h: "--held-ground", r: "--kn" };
  return {
    palette: [...CODES].flatMap((code) => read(names[code] ?? `--k${code}`)),
    stroke: read("--open-line"),
    edge: read("--edge"),
    district: read("--edge-district"),
    ink: read("--edge-over"),
    paper: read("--paper"),
  };
}
