// Nearer and farther by moving the picture's frame. Buttons and keys do all that dragging does.

const STEP = 1.6;
const NEAREST = 60;

export function zoom(map) {
  const start = map.dataset.whole.split(" ").map(Number);
  const pattern = map.querySelector("pattern");
  let [x, y, width, height] = start;

  const draw = () => {
    map.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    // the hatch stays as fine as it was
    pattern?.setAttribute("patternTransform", `rotate(45) scale(${width / start[2]})`);
    map.classList.toggle("near", width < start[2]);
  };
  const keep = () => {
    x = Math.min(Math.max(x, start[0] - width / 2), start[0] + start[2] - width / 2);
    y = Math.min(Math.max(y, start[1] - height / 2), start[1] + start[3] - height / 2);
  };
  const scale = (by, [cx, cy] = [x + width / 2, y + height / 2]) => {
    const next = Math.min(Math.max(width / by, start[2] / NEAREST), start[2]);
    const factor = next / width;
    x = cx - (cx - x) * factor;
    y = cy - (cy - y) * factor;
    width *= factor;
    height *= factor;
    if (next === start[2]) [x, y, width, height] = start;
    keep();
    draw();
  };
  const lens = {
    closer: (at) => scale(STEP, at),
    farther: () => scale(1 / STEP),
    whole: () => {
      [x, y, width, height] = start;
      draw();
    },
    show: (left, top, wide, high) => {
      const ratio = start[2] / start[3];
      width = Math.max(wide, high * ratio);
      height = width / ratio;
      x = left + wide / 2 - width / 2;
      y = top + high / 2 - height / 2;
      draw();
    },
    reveal: ([px, py]) => {
      if (px > x && px < x + width && py > y && py < y + height) return;
      x = px - width / 2;
      y = py - height / 2;
      keep();
      draw();
    },
  };
  buttons(map, lens);
  drag(map, (dx, dy) => {
    const unit = width / map.getBoundingClientRect().width;
    x -= dx * unit;
    y -= dy * unit;
    keep();
    draw();
  });
  return lens;
}

function buttons(map, lens) {
  const box = document.createElement("div");
  box.className = "zoom";
  const all = [
    ["+", "Nearer", lens.closer],
    ["−", "Farther", lens.farther],
    ["⤢", "The whole map", lens.whole],
  ];
  const frame = map.querySelector(".inset-frame");
  if (frame) {
    const at = ["x", "y", "width", "height"].map((name) => Number(frame.getAttribute(name)));
    all.push(["▣", "The framed part", () => lens.show(...at)]);
  }
  for (const [sign, words, deed] of all) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", words);
    button.title = words;
    button.addEventListener("click", () => deed());
    box.append(button);
  }
  map.parentElement.append(box);
}

function drag(map, move) {
  let last = null;
  let travelled = 0;
  map.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType === "mouse") [last, travelled] = [[event.clientX, event.clientY], 0];
  });
  map.addEventListener("pointermove", (event) => {
    if (!last || !map.classList.contains("near")) return;
    const [dx, dy] = [event.clientX - last[0], event.clientY - last[1]];
    travelled += Math.abs(dx) + Math.abs(dy);
    last = [event.clientX, event.clientY];
    move(dx, dy);
  });
  addEventListener("pointerup", () => {
    last = null;
  });
  map.addEventListener("dragstart", (event) => event.preventDefault());
  map.addEventListener(
    "click",
    (event) => {
      if (travelled > 6) event.preventDefault(); // a drag is not a visit
      travelled = 0;
    },
    true,
  );
}
