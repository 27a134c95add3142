// What is said of an area: at the pointer, beside the map when it is chosen, and aloud when the keys walk the map.
// The words are the server's own, one text an area and day, fetched when they are first needed.

export function labels(plate, shapes) {
  const tip = plate.querySelector(".tip");
  const told = plate.closest("figure").querySelector(".told");
  let texts = null;
  let address = plate.dataset.labels;
  const load = () => {
    texts ??= fetch(address)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`the labels answered ${answer.status}`))))
      .then(({ data }) => new Map(data.areas.map((code, index) => [code, data.labels[index]])));
    return texts;
  };
  const lines = async (area) => ((await load()).get(shapes.areas[area]) ?? shapes.areas[area]).split("\n");

  return {
    load,
    /** Another day or measure: other words. */
    follow(next) {
      if (next === address) return;
      [address, texts] = [next, null];
    },
    hide() {
      tip.hidden = true;
    },
    async show(area, x, y) {
      write(tip, await lines(area));
      tip.hidden = false;
      const over = y + tip.offsetHeight + 30 > plate.clientHeight;
      tip.style.setProperty("left", `${Math.max(4, Math.min(x + 14, plate.clientWidth - tip.offsetWidth - 4))}px`);
      tip.style.setProperty("top", `${Math.max(4, over ? y - tip.offsetHeight - 12 : y + 18)}px`);
    },
    /** The chosen area, with a link to its page; null: what stood there before. */
    async choose(area, link) {
      if (area === null) return told.replaceChildren();
      const [name, ...rest] = await lines(area);
      const title = document.createElement("a");
      title.href = link;
      title.textContent = name;
      const head = document.createElement("p");
      head.className = "told-name";
      head.append(title);
      told.replaceChildren(head, ...rest.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
    },
  };
}

function write(tip, texts) {
  tip.replaceChildren(
    ...texts.map((text, index) => Object.assign(document.createElement(index ? "span" : "b"), { textContent: text })),
  );
}
