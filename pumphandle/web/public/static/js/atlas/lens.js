// What part of the map is in view, and all the ways to change it: buttons, keys, dragging, pinching, the wheel with Ctrl.

const STEP = 1.7;
const NEAREST = 14; // pixels for a unit of the picture

export function lens(plate, canvas, shapes, changed) {
  const [left, top, right, bottom] = shapes.view;
  let home = shapes.view;
  let [x, y, scale, whole] = [0, 0, 1, 1]; // middle of the view in units; CSS pixels a unit; scale of the whole map

  const fit = (box, room = 0.94) => {
    const [wide, high] = [Math.max(box[2] - box[0], 1), Math.max(box[3] - box[1], 1)];
    return Math.min((plate.clientWidth * room) / wide, (plate.clientHeight * room) / high);
  };
  const show = (box, room) => {
    [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    scale = Math.min(fit(box, room), NEAREST);
    settle();
  };
  const settle = () => {
    whole = fit([left, top, right, bottom]);
    scale = Math.min(Math.max(scale, Math.min(whole, fit(home))), NEAREST);
    x = Math.min(Math.max(x, left), right);
    y = Math.min(Math.max(y, top), bottom);
    plate.classList.toggle("near", scale > 1.05 * whole);
    changed();
  };
  const resize = () => {
    const pixel = Math.min(devicePixelRatio || 1, 3);
    const [wide, high] = [Math.round(plate.clientWidth * pixel), Math.round(plate.clientHeight * pixel)];
    if (canvas.width === wide && canvas.height === high) return;
    const kept = scale / (whole || 1);
    [canvas.width, canvas.height] = [wide, high];
    whole = fit([left, top, right, bottom]);
    scale = whole * kept;
    settle();
  };
  const place = (px, py) => [x + (px - plate.clientWidth / 2) / scale, y + (py - plate.clientHeight / 2) / scale];
  const zoom = (by, px = plate.clientWidth / 2, py = plate.clientHeight / 2) => {
    const [u, v] = place(px, py);
    const before = scale;
    scale = Math.min(Math.max(scale * by, whole), NEAREST);
    [x, y] = [u - ((u - x) * before) / scale, v - ((v - y) * before) / scale];
    settle();
  };
  const move = (dx, dy) => {
    x -= dx / scale;
    y -= dy / scale;
    settle();
  };
  new ResizeObserver(resize).observe(plate);
  [canvas.width, canvas.height] = [0, 0];
  resize();
  show(home);
  const fingers = gestures(plate, canvas, { zoom, move, changed });
  return {
    place,
    /** What is in view: the middle in units, and CSS pixels a unit; whether a finger holds it. */
    at: () => ({ x, y, scale, held: fingers.size > 0 }),
    show,
    zoom,
    /** The box that "the whole map" goes back to. */
    start(box) {
      home = box;
      show(box);
    },
    closer: (at) => zoom(STEP, ...(at ?? [])),
    farther: () => zoom(1 / STEP),
    whole: () => show(shapes.view),
    /** Where a place of the picture is on the plate. */
    pixels: (u, v) => [plate.clientWidth / 2 + (u - x) * scale, plate.clientHeight / 2 + (v - y) * scale],
    reveal(box) {
      const [ax, ay] = [plate.clientWidth / 2 + (box[0] - x) * scale, plate.clientHeight / 2 + (box[1] - y) * scale];
      const [bx, by] = [plate.clientWidth / 2 + (box[2] - x) * scale, plate.clientHeight / 2 + (box[3] - y) * scale];
      if (ax < 0 || ay < 0 || bx > plate.clientWidth || by > plate.clientHeight) {
        [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
      }
      // an area that cannot be seen cannot be read
      scale = Math.max(scale, Math.min(NEAREST, 18 / Math.max(box[2] - box[0], box[3] - box[1], 1)));
      settle();
    },
    /** To clip space, and how near: 0 where the fine borders would cover the map, 1 where they help. */
    view() {
      const [sx, sy] = [(2 * scale) / plate.clientWidth, (-2 * scale) / plate.clientHeight];
      const typical = scale * Math.sqrt(((right - left) * (bottom - top)) / shapes.areas.length);
      return { view: [sx, sy, -x * sx, -y * sy], near: Math.min(1, Math.max(0, (typical - 7) / 12)) };
    },
  };
}

function gestures(plate, canvas, { zoom, move, changed }) {
  const fingers = new Map();
  let travelled = 0;
  const at = (event) => {
    const box = plate.getBoundingClientRect(); // the canvas itself may be under way
    return [event.clientX - box.left - plate.clientLeft, event.clientY - box.top - plate.clientTop];
  };
  const spread = () => {
    const [[ax, ay], [bx, by]] = [...fingers.values()];
    return [Math.hypot(ax - bx, ay - by), (ax + bx) / 2, (ay + by) / 2];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, at(event));
    if (fingers.size === 1) travelled = 0;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    if (fingers.size === 2) {
      const [wide, ux, uy] = spread();
      fingers.set(event.pointerId, now);
      const [wider, vx, vy] = spread();
      if (wide > 0) zoom(wider / wide, vx, vy);
      move(vx - ux, vy - uy);
      travelled += 10;
      return;
    }
    fingers.set(event.pointerId, now);
    travelled += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
    if (travelled > 4) move(now[0] - before[0], now[1] - before[1]);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      changed();
    });
  }
  canvas.addEventListener(
    "click",
    (event) => {
      if (travelled > 6) event.stopImmediatePropagation(); // a drag is not a visit
      travelled = 0;
    },
    true,
  );
  canvas.addEventListener("dblclick", (event) => zoom(STEP, ...at(event)));
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the wheel alone scrolls the page
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 160), ...at(event));
    },
    { passive: false },
  );
  return fingers;
}
