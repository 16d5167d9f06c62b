// The tags of an article, and what an editor changes of them.

import { $, el, say } from "./page.js";
import { meter } from "./scores.js";
import * as why from "./why.js";
import { t } from "./words.js";

let tags = [];
let opened = null; // the tag whose evidence is spelled out
let editable = false;

/** Show the tags of an article, changed as an earlier correction has it. */
export function showTags(one, { canCorrect }) {
  const { right = [], wrong = [], missing = [] } = one.correction ?? {};
  const said = (names, name) => names.some((other) => equal(other, name));
  const given = (name) => one.tags.some((tag) => equal(tag.name, name));
  tags = one.tags.map((tag) => ({ ...tag, given: tag.name, removed: said(wrong, tag.name) }));
  // What a model that has learned since gives no longer, or did not give, stays part of the correction.
  tags.push(...wrong.filter((name) => !given(name)).map((name) => ({ name, given: name, evidence: [], removed: true })));
  tags.push(...[...right, ...missing].filter((name) => !given(name)).map((name) => ({ name, evidence: [] })));
  opened = null;
  editable = canCorrect;
  $("correcting").hidden = !canCorrect;
  $("saved").textContent = "";
  render();
}

/** The three lists of a correction. */
export function correction() {
  const kept = tags.filter((tag) => !tag.removed);
  return {
    right: kept.filter((tag) => tag.name === tag.given).map((tag) => tag.name),
    wrong: tags.filter((tag) => tag.given && (tag.removed || tag.name !== tag.given)).map((tag) => tag.given),
    missing: kept.filter((tag) => tag.name !== tag.given).map((tag) => tag.name),
  };
}

/** Draw the list anew; `focus` is what has the focus afterwards. */
export function render(focus = "") {
  $("tags").replaceChildren(...tags.map(row));
  $("no-tags").hidden = tags.length > 0;
  const { wrong, missing } = correction();
  $("save").textContent = t(wrong.length + missing.length ? "save" : "confirm");
  if (focus) document.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus();
}

/** Add a tag that was typed. */
export function add(name) {
  const wanted = name.trim();
  const same = tags.find((tag) => equal(tag.name, wanted) || (tag.given && equal(tag.given, wanted)));
  if (!wanted) return;
  if (same?.removed) same.removed = false;
  else if (same) return say(t("twice", { name: wanted }), { bad: true });
  else tags.push({ name: wanted, evidence: [] });
  changed();
}

const equal = (one, other) => plain(one) === plain(other);
const plain = (name) => name.toLocaleLowerCase("ru").replaceAll("ё", "е").trim();

function changed(focus = "") {
  $("saved").textContent = "";
  say("");
  render(focus);
}

function row(tag, number) {
  const parts = tag.editing ? [renaming(tag, number)] : [head(tag, number), ...(editable ? [tools(tag, number)] : [])];
  const quotes = why.quotes(tag, { key: number, open: opened === number });
  return why.row(tag, { className: tag.removed ? "removed" : "" }, ...parts, quotes);
}

function head(tag, number) {
  const open = opened === number;
  const name = why.name(tag, tag.name, { key: number, open, toggle: () => show(open ? null : number, number) });
  const renamed = tag.given && tag.name !== tag.given ? t("was", { name: tag.given }) : "";
  const state = tag.removed ? t("removed") : tag.given ? renamed : t("added");
  return el("div", { className: "head" }, name, state ? el("span", { className: "state" }, state) : "",
    tag.score === undefined ? "" : meter(tag.score));
}

function show(number, focus) {
  opened = number;
  render(`why-${focus}`);
}

function tools(tag, number) {
  const made = el("div", { className: "tools" });
  if (!tag.removed && tag.given) made.append(tool("rename", tag, number, () => edit(number)));
  made.append(tag.removed ? tool("restore", tag, number, () => remove(number, false)) : tool("remove", tag, number, () => remove(number, true)));
  return made;
}

function tool(kind, tag, number, onclick) {
  const label = t(`${kind}_tag`, { name: tag.name });
  return el("button", { type: "button", className: "tool", "aria-label": label, "data-key": `${kind}-${number}`, onclick }, t(kind));
}

function remove(number, removed) {
  if (!tags[number].given) {
    tags.splice(number, 1);
    opened = null;
    changed();
    return $("added").focus();
  }
  tags[number].removed = removed;
  return changed(`${removed ? "restore" : "remove"}-${number}`);
}

function edit(number) {
  tags[number].editing = true;
  render(`name-${number}`);
  document.activeElement.select();
}

function renaming(tag, number) {
  const input = el("input", {
    value: tag.name, maxLength: 200, autocomplete: "off", required: true, "data-key": `name-${number}`,
    "aria-label": t("new_name", { name: tag.given }),
  });
  input.setAttribute("list", "vocabulary");
  const form = el("form", { className: "row" }, input,
    el("button", { type: "submit" }, t("keep_name")),
    el("button", { type: "button", onclick: () => finish(number, tag.name) }, t("cancel")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    finish(number, input.value.trim());
  });
  form.addEventListener("keydown", (event) => event.key === "Escape" && finish(number, tag.name));
  return form;
}

function finish(number, name) {
  const others = tags.filter((_, place) => place !== number);
  if (others.some((tag) => equal(tag.name, name) || (tag.given && equal(tag.given, name)))) {
    return say(t("twice", { name }), { bad: true });
  }
  tags[number].editing = false;
  // Another spelling of the same name is the same tag.
  tags[number].name = !name || equal(name, tags[number].given) ? tags[number].given : name;
  return changed(`rename-${number}`);
}
