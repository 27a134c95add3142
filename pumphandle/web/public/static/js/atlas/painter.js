// Draws the areas, their borders and an outline with WebGL 2. All shapes go to the card once; a day is one small texture,
// a movement four numbers.
import { ringsOf } from "./file.js";

const ACROSS = 128; // width of the texture of classes
export const CODES = "0123456onhr"; // classes as the server writes them
const PIECES = 1024; // of border that are looked at together: near ones lie near each other in the file
const DISTRICT = 1;
const INNER = 2;

const LAND = `#version 300 es
in vec2 place; in float area;
uniform vec4 view; uniform highp usampler2D classes;
flat out uint code;
void main() {
  int one = int(area);
  code = texelFetch(classes, ivec2(one % ${ACROSS}, one / ${ACROSS}), 0).r;
  gl_Position = vec4(place * view.xy + view.zw, 0, 1);
}`;
const LAND_COLOUR = `#version 300 es
precision highp float;
flat in uint code;
uniform vec3 palette[11]; uniform vec3 stroke; uniform float pitch;
out vec4 colour;
void main() {
  colour = vec4(palette[code], 1);
  // what is open is hatched: it means "not known", never "little". What is held is hatched the other way
  float along = code == 9u ? gl_FragCoord.x - gl_FragCoord.y : gl_FragCoord.x + gl_FragCoord.y;
  if (code == 7u || code == 9u) colour.rgb = mix(stroke, palette[code], step(.24, fract(along / pitch)));
}`;
const LINE = `#version 300 es
in vec4 ends; in float kind;
uniform vec4 view; uniform vec2 size; uniform vec3 widths;
void main() {
  vec2 a = (ends.xy * view.xy + view.zw) * size, b = (ends.zw * view.xy + view.zw) * size;
  vec2 along = b - a; float length_ = max(length(along), 1e-4); along /= length_;
  float half_ = widths[int(kind)] * .5;
  vec2 corner = mix(a - along * half_ * .5, b + along * half_ * .5, float(gl_VertexID & 1));
  corner += vec2(-along.y, along.x) * half_ * (float(gl_VertexID >> 1) * 2. - 1.);
  gl_Position = vec4(corner / size, 0, 1);
}`;
const LINE_COLOUR = `#version 300 es
precision mediump float;
uniform vec4 ink; out vec4 colour;
void main() { colour = vec4(ink.rgb * ink.a, ink.a); }`;

/** Null where the browser has no WebGL 2. */
export function painter(canvas) {
  // where pixels are finer than the eye, smoothing costs much and shows little
  const gl = canvas.getContext("webgl2", { antialias: devicePixelRatio < 1.5, alpha: true, premultipliedAlpha: true });
  if (!gl) return null;
  const begun = [compiled(gl, LAND, LAND_COLOUR, ["place", "area"]), compiled(gl, LINE, LINE_COLOUR, ["ends", "kind"])];
  const [land, line] = begun.map((made) => program(gl, made)); // asked only when the card works at both
  const outline = lineBuffers(gl, new Uint16Array(0));
  let [shapes, ground, borders, rows, codes] = [];
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  const strokes = (buffers, count, view, widths, ink) => {
    gl.useProgram(line.program);
    gl.bindVertexArray(buffers.array);
    gl.uniform4fv(line.at.view, view);
    gl.uniform2f(line.at.size, canvas.width / 2, canvas.height / 2);
    gl.uniform3fv(line.at.widths, widths);
    gl.uniform4fv(line.at.ink, ink);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.buffer);
    for (const [from, to] of inView(buffers, count, view)) {
      gl.vertexAttribPointer(0, 4, gl.UNSIGNED_SHORT, false, 10, 10 * from);
      gl.vertexAttribPointer(1, 1, gl.UNSIGNED_SHORT, false, 10, 10 * from + 8);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, to - from);
    }
  };

  return {
    /** What the worker made. */
    load(made) {
      shapes = made;
      ground = landBuffers(gl, shapes);
      borders = lineBuffers(gl, shapes.edges);
      rows = Math.ceil(shapes.areas.length / ACROSS);
      codes = new Uint8Array(ACROSS * rows).fill(CODES.indexOf("n"));
    },
    /** One character an area, in the order of the file. */
    colour(marks) {
      for (let area = 0; area < marks.length; area++) codes[area] = CODES.indexOf(marks[area]);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8UI, ACROSS, rows, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, codes);
    },
    /** Which area has an outline; null for none. */
    outline(area) {
      const data = area === null ? new Uint16Array(0) : ringSegments(ringsOf(shapes, area));
      gl.bindBuffer(gl.ARRAY_BUFFER, outline.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      outline.count = data.length / 5;
    },
    /** When the card has drawn all that it was told. */
    async done() {
      const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
      gl.flush();
      while (!gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) {
        await new Promise((again) => setTimeout(again, 4));
      }
      gl.deleteSync(fence);
    },
    /** view: [scale x, scale y, move x, move y] to clip space; pixel: device pixels of a CSS pixel; near: 0 far, 1 near. */
    draw(view, { palette, stroke, edge, district, ink, paper, pixel, near }) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.useProgram(land.program);
      gl.bindVertexArray(ground.array);
      gl.uniform4fv(land.at.view, view);
      gl.uniform3fv(land.at.palette, palette);
      gl.uniform3fv(land.at.stroke, stroke);
      gl.uniform1f(land.at.pitch, 5 * pixel);
      gl.drawElements(gl.TRIANGLES, ground.count, gl.UNSIGNED_INT, 0);
      // fine borders fade in as the map comes nearer: from afar they would cover what they border
      if (near > 0) strokes(borders, shapes.edgesUpTo[INNER], view, [0, 0, 0.7 * pixel], [...edge, near]);
      strokes(borders, shapes.edgesUpTo[DISTRICT], view, [0.7 * pixel, (0.55 + 0.6 * near) * pixel, 0], [...district, 0.85]);
      if (outline.count) {
        strokes(outline, outline.count, view, [5 * pixel, 0, 0], [...paper, 1]);
        strokes(outline, outline.count, view, [2.4 * pixel, 0, 0], [...ink, 1]);
      }
    },
  };
}

function compiled(gl, vertex, fragment, names) {
  const made = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  names.forEach((name, index) => gl.bindAttribLocation(made, index, name));
  gl.linkProgram(made);
  return made;
}

function program(gl, made) {
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made) || "no shader");
  const at = {};
  for (let index = 0; index < gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS); index++) {
    const name = gl.getActiveUniform(made, index).name.replace("[0]", "");
    at[name] = gl.getUniformLocation(made, name);
  }
  return { program: made, at };
}

function landBuffers(gl, { corners, order }) {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, false, 8, 0);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribPointer(1, 1, gl.UNSIGNED_SHORT, false, 8, 4);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.STATIC_DRAW);
  return { array, count: order.length };
}

function lineBuffers(gl, data) {
  const array = gl.createVertexArray();
  const buffer = gl.createBuffer();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 4, gl.UNSIGNED_SHORT, false, 10, 0);
  gl.vertexAttribDivisor(0, 1);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribPointer(1, 1, gl.UNSIGNED_SHORT, false, 10, 8);
  gl.vertexAttribDivisor(1, 1);
  return { array, buffer, count: data.length / 5, boxes: boxes(data) };
}

/** left, top, right, bottom of each so many pieces. */
function boxes(data) {
  const found = [];
  for (let start = 0; start < data.length; start += 5 * PIECES) {
    const box = [65535, 65535, 0, 0];
    for (let at = start; at < Math.min(start + 5 * PIECES, data.length); at += 5) {
      for (const end of [at, at + 2]) {
        if (data[end] < box[0]) box[0] = data[end];
        if (data[end] > box[2]) box[2] = data[end];
        if (data[end + 1] < box[1]) box[1] = data[end + 1];
        if (data[end + 1] > box[3]) box[3] = data[end + 1];
      }
    }
    found.push(box);
  }
  return found;
}

/** From and to of what may be seen among the first `count` pieces, with a little around it for their width. */
function inView({ boxes }, count, [sx, sy, mx, my]) {
  const across = [(-1.1 - mx) / sx, (1.1 - mx) / sx];
  const down = [(1.1 - my) / sy, (-1.1 - my) / sy];
  const runs = [];
  for (let start = 0, chunk = 0; start < count; start += PIECES, chunk++) {
    const box = boxes[chunk] ?? [0, 0, 65535, 65535]; // an outline is drawn whole
    if (box[2] < across[0] || box[0] > across[1] || box[3] < down[0] || box[1] > down[1]) continue;
    const to = Math.min(start + PIECES, count);
    if (runs.at(-1)?.[1] === start) runs.at(-1)[1] = to;
    else runs.push([start, to]);
  }
  return runs;
}

function ringSegments(rings) {
  const data = [];
  for (const points of rings) {
    for (let index = 0, before = points.length - 2; index < points.length; before = index, index += 2) {
      data.push(points[before], points[before + 1], points[index], points[index + 1], 0);
    }
  }
  return new Uint16Array(data);
}
