// Which area is where: under a point, and next in a direction.
import { ringsOf } from "./file.js";
import { inside } from "./triangles.js";

const CELLS = 64;

export function finder(shapes) {
  const [left, top, right, bottom] = shapes.view;
  const [wide, high] = [(right - left || 1) / CELLS, (bottom - top || 1) / CELLS];
  const cell = (value, size) => Math.min(CELLS - 1, Math.max(0, Math.floor(value / size)));
  const boxOf = (area) => shapes.boxes.subarray(4 * area, 4 * area + 4);
  let grid = null;
  const sorted = () => {
    const made = Array.from({ length: CELLS * CELLS }, () => []);
    shapes.areas.forEach((_, area) => {
      const box = boxOf(area);
      for (let row = cell(box[1] - top, high); row <= cell(box[3] - top, high); row++) {
        for (let column = cell(box[0] - left, wide); column <= cell(box[2] - left, wide); column++) {
          made[row * CELLS + column].push(area);
        }
      }
    });
    return made;
  };
  const middle = (area) => {
    const [a, b, c, d] = boxOf(area);
    return [(a + c) / 2, (b + d) / 2];
  };
  return {
    middle,
    boxOf,
    at(x, y) {
      if (!(x >= left && x <= right && y >= top && y <= bottom)) return null;
      grid ??= sorted(); // at the first pointer, not before the first picture
      for (const area of grid[cell(y - top, high) * CELLS + cell(x - left, wide)]) {
        const [a, b, c, d] = boxOf(area);
        if (x < a || x > c || y < b || y > d) continue;
        if (ringsOf(shapes, area).reduce((odd, points) => odd !== inside(points, x, y), false)) return area;
      }
      return null;
    },
    nearest(x, y) {
      let [best, least] = [0, Infinity];
      for (let area = 0; area < shapes.areas.length; area++) {
        const [ox, oy] = middle(area);
        const away = (ox - x) ** 2 + (oy - y) ** 2;
        if (away < least) [best, least] = [area, away];
      }
      return best;
    },
    /** The nearest area in a direction, or null at the edge. */
    towards(from, [dx, dy]) {
      const [x, y] = middle(from);
      let [best, least] = [null, Infinity];
      for (let area = 0; area < shapes.areas.length; area++) {
        const [ox, oy] = middle(area);
        const along = (ox - x) * dx + (oy - y) * dy;
        const across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
        if (area === from || along <= 0 || across > along * 1.5) continue;
        const cost = along + 1.5 * across;
        if (cost < least) [best, least] = [area, cost];
      }
      return best;
    },
  };
}
