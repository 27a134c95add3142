// Starts what script adds to a map that is complete without it: labels at the pointer, arrow keys, zoom, date slider.
import { arrows } from "./keyboard.js";
import { labels } from "./labels.js";
import { slider } from "./slider.js";
import { zoom } from "./zoom.js";

for (const map of document.querySelectorAll("svg.map")) {
  const tip = labels(map);
  const lens = zoom(map);
  arrows(map, { tip, lens });
}
for (const inset of document.querySelectorAll("svg.inset-map")) labels(inset);
const main = document.querySelector("svg.map");
if (main) slider(main);
