// When to draw anew. A quick card draws every frame; of a slow one the picture that is drawn is moved and stretched while
// a finger drags it, which costs nothing, and is drawn anew when the finger rests.

const SLOW = 40; // milliseconds of one drawing, from which on a movement waits
const REST = 140; // milliseconds without a movement, from which on it is drawn anew
const HELD = 700; // the same while a finger holds it

/** paint: draws now; done(): a promise kept when the card has drawn; place(): what is in view. */
export function pace(canvas, { paint, done, place }) {
  let [drawn, busy, wanted, asked, took, resting] = [null, false, false, false, 0, 0];

  const draw = async () => {
    clearTimeout(resting);
    [busy, wanted] = [true, false];
    const begun = performance.now();
    paint();
    drawn = place();
    canvas.style.transform = "";
    await done();
    took = performance.now() - begun;
    busy = false;
    if (wanted) frame();
  };
  /** The drawn picture, as if it had been drawn for what is in view now. */
  const shift = () => {
    const now = place();
    const [dx, dy] = [(drawn.x - now.x) * now.scale, (drawn.y - now.y) * now.scale];
    canvas.style.transform = `translate(${dx}px, ${dy}px) scale(${now.scale / drawn.scale})`;
  };
  const frame = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      if (!busy && wanted) draw();
      else if (drawn) shift();
    });
  };
  return {
    /** Something else is to be seen: colours, an outline. */
    again() {
      wanted = true;
      frame();
    },
    /** The same is to be seen elsewhere. */
    moved() {
      if (!drawn || took < SLOW) wanted = true;
      else {
        clearTimeout(resting);
        resting = setTimeout(() => {
          wanted = true;
          frame();
        }, place().held ? HELD : REST);
      }
      frame();
    },
  };
}
