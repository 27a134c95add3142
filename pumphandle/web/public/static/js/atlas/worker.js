// Makes the shapes ready for the card, beside the page: the page stays quick meanwhile.
import { readShapes, ringsOf } from "./file.js";
import { triangles } from "./triangles.js";

addEventListener("message", async ({ data: address }) => {
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`the shapes answered ${answer.status}`);
    const { arcs, borders, ...shapes } = readShapes(new Uint8Array(await answer.arrayBuffer()));
    const made = { ...shapes, ...land(shapes), ...edges(arcs, borders) };
    const moved = Object.values(made).filter((value) => ArrayBuffer.isView(value)).map((value) => value.buffer);
    postMessage({ made }, [...new Set(moved)]);
  } catch (error) {
    postMessage({ wrong: String(error) });
  }
});

/** corners: x, y, area, 0 of every corner; order: three numbers of corners a triangle. */
function land(shapes) {
  const parts = shapes.areas.map((_, area) => triangles(ringsOf(shapes, area)));
  let [points, count] = [0, 0];
  for (const one of parts.flat()) [points, count] = [points + one.points.length / 2, count + one.triangles.length];
  const corners = new Uint16Array(4 * points);
  const order = new Uint32Array(count);
  let [point, at] = [0, 0];
  parts.forEach((all, area) => {
    for (const one of all) {
      for (const number of one.triangles) order[at++] = point + number;
      for (let index = 0; index < one.points.length; index += 2, point++) {
        corners[4 * point] = one.points[index];
        corners[4 * point + 1] = one.points[index + 1];
        corners[4 * point + 2] = area;
      }
    }
  });
  return { corners, order };
}

/** edges: x, y, x, y, kind of every piece of border once, the coast first; edgesUpTo[kind]: how many until that kind. */
function edges(arcs, borders) {
  const made = new Uint16Array(5 * arcs.reduce((sum, arc) => sum + arc.length / 2 - 1, 0));
  const edgesUpTo = [0, 0, 0];
  let at = 0;
  for (let kind = 0; kind < edgesUpTo.length; kind++) {
    for (let number = 0; number < arcs.length; number++) {
      if (borders[number] !== kind) continue;
      const arc = arcs[number];
      for (let index = 2; index < arc.length; index += 2) {
        made[at++] = arc[index - 2];
        made[at++] = arc[index - 1];
        made[at++] = arc[index];
        made[at++] = arc[index + 1];
        made[at++] = kind;
      }
    }
    edgesUpTo[kind] = at / 5;
  }
  return { edges: made, edgesUpTo };
}
