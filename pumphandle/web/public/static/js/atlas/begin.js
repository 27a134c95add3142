// Stands in the head and runs before the page is read: on a slow phone that takes most of a second, in which the worker,
// a thread of its own, fetches the shapes and cuts them. main.js takes what it made.
{
  const { href } = document.querySelector("link[data-map]");
  const worker = new Worker(new URL("worker.js", document.currentScript.src), { type: "module" });
  worker.postMessage(href);
  globalThis.shapesOfTheMap = new Promise((done) => {
    worker.addEventListener("message", ({ data }) => {
      worker.terminate();
      if (data.wrong) console.warn(data.wrong); // the picture that the server drew stays
      else done(data.made);
    });
  });
}
