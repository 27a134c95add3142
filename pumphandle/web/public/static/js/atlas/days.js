// A slider over days. While it moves, the map is recoloured from one file; when it rests, the page of that day is fetched
// and its figures take the place of the old ones. The address follows, so that a reload or a link shows the same.

const DAY = 86_400_000;
const FRAME = 110; // milliseconds a day while playing

/** paint(classes by area code | null, page | null): what the map does with a day. */
export function days(plate, { paint, arrived }) {
  const form = document.querySelector("form.days");
  const box = form?.querySelector(".slide");
  if (!box) return;
  const [range, output, play] = ["input", "output", "button"].map((name) => box.querySelector(name));
  const field = form.querySelector("input[type=date]");
  const first = Date.parse(plate.dataset.first);
  range.max = Math.round((Date.parse(field.max) - first) / DAY);
  range.value = Math.round((Date.parse(field.value) - first) / DAY);
  box.hidden = false;

  const dayOf = (index) => new Date(first + index * DAY).toISOString().slice(0, 10);
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const words = (day) =>
    new Date(day).toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  let frames = null;
  let playing = 0;
  let asked = 0;

  const load = () => {
    frames ??= fetch(plate.dataset.frames)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`the days answered ${answer.status}`))))
      .then(({ data }) => data);
    return frames;
  };
  const say = (index) => {
    output.textContent = words(dayOf(index));
    range.setAttribute("aria-valuetext", output.textContent);
  };
  const show = async (index) => {
    say(index);
    const data = await load();
    const column = data.classes[data.days.indexOf(dayOf(index))];
    if (!column) return;
    const marks = new Map();
    data.areas.forEach((areas, unit) => areas.forEach((area) => marks.set(area, column[unit])));
    paint(marks);
  };
  const rest = async () => {
    const turn = ++asked;
    const address = new URL(location.href);
    const day = dayOf(Number(range.value));
    if (day === field.max) address.searchParams.delete("day");
    else address.searchParams.set("day", day);
    const answer = await fetch(address);
    if (!answer.ok) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== asked) return; // the slider has moved on
    for (const old of document.querySelectorAll("[data-swap]")) {
      const fresh = page.querySelector(`[data-swap="${old.dataset.swap}"]`);
      if (fresh) old.replaceWith(fresh);
    }
    field.value = page.querySelector("form.days input[type=date]").value;
    document.title = page.title;
    history.replaceState(null, "", address);
    arrived(page);
  };
  const stop = () => {
    clearInterval(playing);
    playing = 0;
    play.textContent = play.dataset.play;
    return rest();
  };
  play.addEventListener("click", async () => {
    if (playing) return stop();
    await load();
    if (range.value === range.max) range.value = 0;
    play.textContent = play.dataset.stop;
    playing = setInterval(() => {
      range.value = Number(range.value) + 1;
      show(Number(range.value));
      if (range.value === range.max) stop();
    }, FRAME);
  });
  range.addEventListener("input", () => show(Number(range.value)));
  range.addEventListener("change", () => (playing ? null : rest()));
  say(Number(range.value));
}
