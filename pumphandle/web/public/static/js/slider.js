// A slider over days. While it moves, the map is recoloured from one small file; when it rests, the page of that day is
// fetched and its figures take the place of the old ones. The address follows, so that a reload or a link shows the same.
import { take } from "./labels.js";

const DAY = 86_400_000;
const FRAME = 110; // milliseconds a day while playing
const CLASSES = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "ko", "kn"];

export function slider(map) {
  const form = document.querySelector("form.days");
  const box = form?.querySelector(".slide");
  if (!box) return;
  const [range, output, play] = ["input", "output", "button"].map((name) => box.querySelector(name));
  const field = form.querySelector("input[type=date]");
  const first = Date.parse(map.dataset.first);
  range.max = Math.round((Date.parse(field.max) - first) / DAY);
  range.value = Math.round((Date.parse(field.value) - first) / DAY);
  box.hidden = false;

  const dayOf = (index) => new Date(first + index * DAY).toISOString().slice(0, 10);
  const words = (day) => new Date(day).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  let frames = null;
  let playing = 0;

  const load = async () => {
    frames ??= fetch(map.dataset.frames).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)));
    return (await frames).data;
  };
  const paint = async (index) => {
    const day = dayOf(index);
    output.textContent = words(day);
    range.setAttribute("aria-valuetext", words(day));
    const data = await load();
    const column = data.classes[data.days.indexOf(day)];
    if (!column) return;
    data.areas.forEach((areas, unit) => {
      for (const area of areas) {
        for (const path of document.querySelectorAll(`path[data-a="${CSS.escape(area)}"]`)) colour(path, `k${column[unit]}`);
      }
    });
  };
  const rest = async () => {
    const address = new URL(location.href);
    address.searchParams.set("day", dayOf(Number(range.value)));
    if (address.searchParams.get("day") === field.max) address.searchParams.delete("day");
    const answer = await fetch(address);
    if (!answer.ok) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-swap]")) {
      page.querySelector(`[data-swap="${old.dataset.swap}"]`) && old.replaceWith(page.querySelector(`[data-swap="${old.dataset.swap}"]`));
    }
    for (const fresh of page.querySelectorAll("svg.map path[data-a]")) {
      for (const path of document.querySelectorAll(`path[data-a="${CSS.escape(fresh.dataset.a)}"]`)) {
        path.closest("a").setAttribute("href", fresh.closest("a").getAttribute("href"));
        path.closest("a").setAttribute("aria-label", fresh.querySelector("title").textContent);
        colour(path, CLASSES.find((name) => fresh.classList.contains(name)));
      }
    }
    field.value = page.querySelector("form.days input[type=date]").value;
    document.title = page.title;
    history.replaceState(null, "", address);
    take(map);
  };
  const stop = () => {
    clearInterval(playing);
    playing = 0;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
    return rest();
  };
  play.addEventListener("click", async () => {
    if (playing) return stop();
    await load();
    if (range.value === range.max) range.value = 0;
    play.textContent = "Stop";
    play.setAttribute("aria-pressed", "true");
    playing = setInterval(() => {
      range.value = Number(range.value) + 1;
      paint(Number(range.value));
      if (range.value === range.max) stop();
    }, FRAME);
  });
  range.addEventListener("input", () => paint(Number(range.value)));
  range.addEventListener("change", () => (playing ? null : rest()));
  output.textContent = words(dayOf(Number(range.value)));
}

function colour(path, mark) {
  if (!mark || path.classList.contains(mark)) return;
  path.classList.remove(...CLASSES);
  path.classList.add(mark);
  if (mark === "ko") path.setAttribute("fill", `url(#${path.closest("svg").dataset.hatch})`);
  else path.removeAttribute("fill");
}
