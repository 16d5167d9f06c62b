// What stands behind a topic or tag: its sentences, marked in the article and spelled out below its name.

import { mark, pin, sentencesOf } from "./article.js";
import { el } from "./page.js";
import { t } from "./words.js";

/** A row of a list whose sentences are marked while it has the pointer or the focus. */
export function row(label, properties, ...children) {
  const made = el("li", properties, ...children);
  for (const event of ["pointerenter", "focusin"]) made.addEventListener(event, () => mark(label.evidence));
  for (const event of ["pointerleave", "focusout"]) made.addEventListener(event, () => mark([]));
  return made;
}

/** A name, which spells its sentences out on a click: `key` tells it from others, `open` says whether they are. */
export function name(label, text, { key, open, toggle }) {
  if (!label.evidence.length) return el("span", { className: "name" }, text);
  return el("button", {
    type: "button", className: "name", title: t("why", { name: text }), "data-key": `why-${key}`,
    "aria-expanded": String(open), "aria-controls": `evidence-${key}`,
    onclick: () => {
      toggle();
      pin(open ? [] : label.evidence);
    },
  }, text);
}

/** The sentences; none where nothing is known. */
export function quotes(label, { key, open }) {
  const texts = sentencesOf(label.evidence).map((text) => el("q", {}, text));
  if (!texts.length) return "";
  return el("div", { id: `evidence-${key}`, className: "evidence", hidden: !open },
    el("span", { className: "quiet" }, t("evidence")), ...texts);
}
