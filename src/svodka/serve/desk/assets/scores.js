// Scores of topics and tags.

import { el } from "./page.js";
import { language } from "./words.js";

/** A score between 0 and 1 as a bar and a percentage. */
export function meter(score) {
  const shown = score.toLocaleString(language(), { style: "percent" });
  return el("span", { className: "score" }, el("meter", { min: 0, max: 1, value: score, "aria-hidden": "true" }), el("span", {}, shown));
}
