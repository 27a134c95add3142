// A form whose answer never came keeps what was typed and tries again; questions are shown as the answers ask for them.
const RETRY_MS = 5000;

keepAll();

function keepAll() {
  for (const form of document.querySelectorAll("form[data-keep]")) {
    branch(form);
    form.addEventListener("change", () => branch(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }
}

function branch(form) {
  for (const hint of form.querySelectorAll(".branch")) hint.hidden = true; // what is not asked is not shown
  for (const part of form.querySelectorAll("[data-when]")) {
    const [question, answer] = part.dataset.when.split("=");
    const asked = new FormData(form).get(question) === answer; // a disabled field has no answer, so branches nest
    part.hidden = !asked;
    for (const field of part.querySelectorAll("input, textarea")) field.disabled = !asked;
  }
}

async function send(form) {
  const note = form.querySelector("[data-unsent]");
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  } catch {
    note.hidden = false;
    setTimeout(() => send(form), RETRY_MS);
    return;
  }
  if (answer.redirected) {
    location.assign(answer.url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.title = page.title;
  document.querySelector("main").focus();
  keepAll();
}
