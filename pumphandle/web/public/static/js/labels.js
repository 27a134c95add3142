// One label that follows the pointer and the focus. The words are the server's own, taken from each area's <title>.

export function take(map) {
  for (const link of map.querySelectorAll("a")) {
    const title = link.querySelector("title");
    if (!title) continue;
    link.setAttribute("aria-label", title.textContent);
    title.remove(); // otherwise the browser shows a second label
  }
}

export function labels(map) {
  take(map);
  const plate = map.parentElement;
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // the focused link has the same words
  plate.append(tip);

  const place = (x, y) => {
    const frame = plate.getBoundingClientRect();
    const left = Math.min(x - frame.left + 14, frame.width - tip.offsetWidth - 4);
    const above = y - frame.top + tip.offsetHeight + 24 > frame.height;
    tip.style.setProperty("left", `${Math.max(4, left)}px`);
    tip.style.setProperty("top", `${above ? y - frame.top - tip.offsetHeight - 10 : y - frame.top + 18}px`);
  };
  const show = (link, x, y) => {
    tip.textContent = link.getAttribute("aria-label");
    tip.hidden = false;
    place(x, y);
  };
  const hide = () => {
    tip.hidden = true;
  };

  map.addEventListener("pointermove", (event) => {
    const link = event.target.closest("a");
    if (link) show(link, event.clientX, event.clientY);
    else hide();
  });
  map.addEventListener("pointerleave", hide);
  // not on the picture itself: a picture that listens for focus becomes one more stop of the Tab key
  plate.addEventListener("focusin", (event) => {
    const link = event.target.closest("svg a");
    if (!link) return;
    const box = link.getBoundingClientRect();
    show(link, box.left + box.width / 2, box.top + box.height / 2);
  });
  plate.addEventListener("focusout", hide);
  plate.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide(); // what appears on focus can be dismissed
  });
  return { show, hide };
}
