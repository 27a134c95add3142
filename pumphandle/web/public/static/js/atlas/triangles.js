// Cuts one area into triangles by clipping ears. Points are whole numbers, so every test of a side is exact.

const cross = (p, a, b, c) =>
  (p[2 * b] - p[2 * a]) * (p[2 * c + 1] - p[2 * a + 1]) - (p[2 * b + 1] - p[2 * a + 1]) * (p[2 * c] - p[2 * a]);

export function signedArea(points) {
  let twice = 0;
  for (let index = 0, before = points.length - 2; index < points.length; before = index, index += 2) {
    twice += points[before] * points[index + 1] - points[index] * points[before + 1];
  }
  return twice / 2;
}

export function inside(points, x, y) {
  let odd = false;
  for (let index = 0, before = points.length - 2; index < points.length; before = index, index += 2) {
    const [ax, ay, bx, by] = [points[index], points[index + 1], points[before], points[before + 1]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

/** rings: [x, y, …] each, outer ones and holes in any order. Gives [{ points, triangles }], corners by number of point. */
export function triangles(rings) {
  return parts(rings).map(({ outer, holes }) => {
    const points = holes.length ? bridged(outer, holes) : outer;
    return { points, triangles: clipped(points) };
  });
}

/** A ring that lies in an odd number of larger ones is a hole in the smallest of them. */
function parts(rings) {
  if (rings.length === 1) return [{ outer: turned(rings[0], 1), holes: [] }];
  const sorted = rings.map((points) => ({ points, size: Math.abs(signedArea(points)) })).sort((a, b) => b.size - a.size);
  const outers = [];
  sorted.forEach(({ points }, index) => {
    const [x, y] = within(points);
    const around = sorted.slice(0, index).filter((larger) => inside(larger.points, x, y));
    const owner = around.length % 2 ? outers.find((one) => one.ring === around.at(-1).points) : null;
    if (owner) owner.holes.push(turned(points, -1));
    else outers.push({ ring: points, outer: turned(points, 1), holes: [] });
  });
  return outers;
}

/** The middle of a side, moved a little: hardly ever on another ring. */
const within = (points) => [(points[0] + points[2]) / 2 + 1e-3, (points[1] + points[3]) / 2 + 7e-4];

/** A copy that goes round in one way; always of one kind of array, which is much quicker to read. */
function turned(points, way) {
  const copy = Int32Array.from(points);
  if (Math.sign(signedArea(points)) === way) return copy;
  for (let index = 0, last = points.length - 2; index < points.length; index += 2, last -= 2) {
    copy[index] = points[last];
    copy[index + 1] = points[last + 1];
  }
  return copy;
}

/** One ring out of an outer ring and its holes: a way in to each hole and the same way back. */
function bridged(outer, holes) {
  let ring = outer;
  const rightmost = (hole) => {
    let best = 0;
    for (let index = 2; index < hole.length; index += 2) if (hole[index] > hole[best]) best = index;
    return best;
  };
  const order = holes.map((hole) => ({ hole, start: rightmost(hole) })).sort((a, b) => b.hole[b.start] - a.hole[a.start]);
  for (const { hole, start } of order) {
    const [x, y] = [hole[start], hole[start + 1]];
    const candidates = [];
    for (let index = 0; index < ring.length; index += 2) {
      candidates.push({ index, away: (ring[index] - x) ** 2 + (ring[index + 1] - y) ** 2 });
    }
    candidates.sort((a, b) => a.away - b.away);
    const walls = [ring, ...holes];
    const { index } = candidates.find((one) => open(x, y, ring[one.index], ring[one.index + 1], walls)) ?? candidates[0];
    const way = [...hole.slice(start), ...hole.slice(0, start + 2)];
    ring = Int32Array.of(...ring.slice(0, index + 2), ...way, ring[index], ring[index + 1], ...ring.slice(index + 2));
  }
  return ring;
}

/** Whether nothing stands between two points. */
function open(x, y, u, v, walls) {
  const side = (ax, ay, bx, by, cx, cy) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
  return walls.every((points) => {
    for (let index = 0, before = points.length - 2; index < points.length; before = index, index += 2) {
      const [ax, ay, bx, by] = [points[before], points[before + 1], points[index], points[index + 1]];
      const apart = side(x, y, u, v, ax, ay) * side(x, y, u, v, bx, by);
      if (apart < 0 && side(ax, ay, bx, by, x, y) * side(ax, ay, bx, by, u, v) < 0) return false;
    }
    return true;
  });
}

function clipped(points) {
  const count = points.length / 2;
  const next = new Int32Array(count);
  const before = new Int32Array(count);
  const reflex = new Uint8Array(count); // only such a corner can lie in the triangle of another
  for (let index = 0; index < count; index++) {
    next[index] = index + 1 === count ? 0 : index + 1;
    before[index] = index === 0 ? count - 1 : index - 1;
    reflex[index] = cross(points, before[index], index, next[index]) <= 0 ? 1 : 0;
  }
  const out = [];
  let left = count;
  let corner = 0;
  let tried = 0;
  while (left > 3) {
    const a = before[corner];
    const c = next[corner];
    const turn = cross(points, a, corner, c);
    if (turn === 0 || tried > left || (turn > 0 && isEar(points, next, reflex, a, corner, c))) {
      // nothing else is left to cut where a ring touches itself: then this corner goes, whatever it covers
      if (turn !== 0) out.push(a, corner, c);
      next[a] = c;
      before[c] = a;
      if (reflex[a]) reflex[a] = cross(points, before[a], a, c) <= 0 ? 1 : 0;
      if (reflex[c]) reflex[c] = cross(points, a, c, next[c]) <= 0 ? 1 : 0;
      left--;
      tried = 0;
      corner = next[c];
    } else {
      corner = c;
      tried++;
    }
  }
  if (count >= 3) out.push(before[corner], corner, next[corner]);
  return out;
}

function isEar(p, next, reflex, a, b, c) {
  // plain variables: this is where the time goes
  const ax = p[2 * a];
  const ay = p[2 * a + 1];
  const bx = p[2 * b];
  const by = p[2 * b + 1];
  const cx = p[2 * c];
  const cy = p[2 * c + 1];
  const low = ax < bx ? (ax < cx ? ax : cx) : bx < cx ? bx : cx;
  const high = ax > bx ? (ax > cx ? ax : cx) : bx > cx ? bx : cx;
  const top = ay < by ? (ay < cy ? ay : cy) : by < cy ? by : cy;
  const foot = ay > by ? (ay > cy ? ay : cy) : by > cy ? by : cy;
  for (let one = next[c]; one !== a; one = next[one]) {
    if (!reflex[one]) continue;
    const x = p[2 * one];
    const y = p[2 * one + 1];
    if (x < low || x > high || y < top || y > foot) continue;
    if ((x === ax && y === ay) || (x === bx && y === by) || (x === cx && y === cy)) continue;
    if ((bx - ax) * (y - ay) < (by - ay) * (x - ax)) continue;
    if ((cx - bx) * (y - by) < (cy - by) * (x - bx)) continue;
    if ((ax - cx) * (y - cy) < (ay - cy) * (x - cx)) continue;
    return false;
  }
  return true;
}
