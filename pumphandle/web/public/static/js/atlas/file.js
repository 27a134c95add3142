// Reads the file of shapes (described in pumphandle/publication/map_file.py): arcs once each, areas as walks along them.

export function readShapes(bytes) {
  const headEnd = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, headEnd)));
  let at = headEnd;
  const number = () => {
    let value = 0;
    let shift = 0;
    for (;;) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
      shift += 7;
    }
  };
  const signed = () => {
    const value = number();
    return (value >>> 1) ^ -(value & 1);
  };

  const arcs = new Array(number());
  const borders = new Uint8Array(arcs.length);
  let x = 0;
  let y = 0;
  for (let arc = 0; arc < arcs.length; arc++) {
    borders[arc] = number();
    const points = new Int32Array(2 * number());
    for (let index = 0; index < points.length; index += 2) {
      points[index] = x += signed();
      points[index + 1] = y += signed();
    }
    arcs[arc] = points;
  }
  const { points, ringStarts, areaStarts } = rings(arcs, head.areas.length, number, signed);
  return { ...head, arcs, borders, points, ringStarts, areaStarts, boxes: boxes(points, ringStarts, areaStarts) };
}

/** The points of all rings one after the other; ring r lies between ringStarts[r] and ringStarts[r + 1] (numbers of
 *  points), area a's rings between areaStarts[a] and areaStarts[a + 1]. */
function rings(arcs, areas, number, signed) {
  const [ringStarts, areaStarts, walks] = [[0], [0], []];
  let count = 0;
  for (let area = 0; area < areas; area++) {
    for (let left = number(); left > 0; left--) {
      const walk = new Int32Array(number());
      for (let piece = 0; piece < walk.length; piece++) {
        walk[piece] = signed();
        // the last point of each arc is the first of the next
        count += arcs[walk[piece] < 0 ? ~walk[piece] : walk[piece]].length / 2 - 1;
      }
      walks.push(walk);
      ringStarts.push(count);
    }
    areaStarts.push(walks.length);
  }
  const points = new Uint16Array(2 * count);
  let at = 0;
  for (const walk of walks) {
    for (const named of walk) {
      const arc = arcs[named < 0 ? ~named : named];
      if (named >= 0) for (let index = 0; index < arc.length - 2; index++) points[at++] = arc[index];
      else
        for (let index = arc.length - 2; index > 0; index -= 2) {
          points[at++] = arc[index];
          points[at++] = arc[index + 1];
        }
    }
  }
  return { points, ringStarts: Uint32Array.from(ringStarts), areaStarts: Uint32Array.from(areaStarts) };
}

/** [x, y, …] of each ring of an area. */
export function ringsOf({ points, ringStarts, areaStarts }, area) {
  const found = [];
  for (let ring = areaStarts[area]; ring < areaStarts[area + 1]; ring++) {
    found.push(points.subarray(2 * ringStarts[ring], 2 * ringStarts[ring + 1]));
  }
  return found;
}

/** left, top, right, bottom of each area. */
function boxes(points, ringStarts, areaStarts) {
  const found = new Uint16Array(4 * (areaStarts.length - 1));
  for (let area = 0; area < areaStarts.length - 1; area++) {
    let [left, top, right, bottom] = [65535, 65535, 0, 0];
    const end = 2 * ringStarts[areaStarts[area + 1]];
    for (let index = 2 * ringStarts[areaStarts[area]]; index < end; index += 2) {
      const x = points[index];
      const y = points[index + 1];
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    found.set([left, top, right, bottom], 4 * area);
  }
  return found;
}
