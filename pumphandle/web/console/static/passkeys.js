// Passkeys: the one thing of sign-in that a browser does only by script. Without it the page says so, and codes serve.
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const wishOf = (told) => {
  const listed = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const wish = { ...told, challenge: bytes(told.challenge) };
  if (told.user) wish.user = { ...told.user, id: bytes(told.user.id) };
  if (told.excludeCredentials) wish.excludeCredentials = listed(told.excludeCredentials);
  if (told.allowCredentials) wish.allowCredentials = listed(told.allowCredentials);
  return wish;
};

const answerOf = (made) => {
  const response = { clientDataJSON: text(made.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = text(made.response[part]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-passkey-button]");
  if (!button) continue;
  const said = form.querySelector("[data-passkey-said]");
  const { origin } = form.dataset; // where browsers let passkeys hold: at this address alone
  if (!window.PublicKeyCredential || origin !== location.origin) {
    said.textContent =
      origin === location.origin
        ? "This browser knows no passkeys."
        : `Passkeys hold at ${origin} and at no other address.`;
    continue;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    const name = form.elements.namedItem("name");
    if (name && !name.reportValidity()) return;
    button.disabled = true;
    said.textContent = "Your device asks you now.";
    try {
      const sent = new URLSearchParams({ csrf: form.elements.namedItem("csrf").value });
      const asked = await fetch(form.dataset.asked, { method: "POST", body: sent });
      if (!asked.ok) throw new Error("refused");
      const publicKey = wishOf(await asked.json());
      const made =
        form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey });
      form.elements.namedItem("answer").value = answerOf(made);
      form.submit();
    } catch {
      said.textContent = "Nothing came of it: the device gave no answer, or the page is too old. Try again, or open the page anew.";
      button.disabled = false;
    }
  });
}
