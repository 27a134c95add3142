// The line list by keyboard, and the curve and the map of the selection beside it, fetched after the rows are there.
const MOVES = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

fill(document.querySelector("[data-beside]"));
document.addEventListener("keydown", press);

async function fill(place) {
  if (!place) return;
  const form = document.querySelector(place.dataset.form || "#none");
  const sent = form ? { method: "POST", body: new URLSearchParams(new FormData(form)) } : {};
  try {
    const answer = await fetch(place.dataset.beside, sent);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.querySelector("#selection").childNodes);
  } catch {
    return; // the link to the page of its own stays
  }
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("#search")?.focus();
  } else if (event.key === "n") {
    document.querySelector("[rel=next]")?.click();
  } else if (MOVES[event.key]) {
    move(event);
  }
}

function move(event) {
  const doors = [...document.querySelectorAll("table.lines tbody th a")];
  const at = doors.indexOf(document.activeElement);
  if (at < 0 && event.key.startsWith("Arrow") && document.activeElement !== document.body) return; // the page scrolls
  const next = doors[Math.min(Math.max(at + MOVES[event.key], 0), doors.length - 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function typing(target) {
  return target.matches("input, select, textarea");
}
