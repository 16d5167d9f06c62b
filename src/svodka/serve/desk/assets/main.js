// The desk: what happens when.

import { hideAnswer, nameTopics, showAnswer, showSummary } from "./answer.js";
import { get, post } from "./api.js";
import { describeArticle, hideArticle, showArticle } from "./article.js";
import { takeFiles } from "./files.js";
import { $, busy, el, say } from "./page.js";
import { drawTable, prepareTable, refresh } from "./table.js";
import { add, correction, render, showTags } from "./tags.js";
import { speak, t } from "./words.js";

const LANGUAGE = "svodka-language";
let state = null;
let shown = null; // the article that is shown
let name = ""; // of the file that was put into the form

async function begin() {
  await know();
  $("words").value = state.words;
  prepareTable(state.topics, (row) => busy($("refresh"), () => open(row)));
  describe();
  await refresh();
}

/** Ask what the model knows now. */
async function know() {
  state = await get("state");
  nameTopics(state.topics);
  $("vocabulary").replaceChildren(...state.tags.map((tag) => el("option", { value: tag })));
}

/** What the scripts have said, in the page's language. */
function describe() {
  if (!state) return;
  $("model").textContent = state.model;
  $("learning").hidden = state.corrections === null;
  $("corrections").textContent = t("corrections", { n: state.corrections ?? 0 });
  $("learn").hidden = !state.can_learn || !state.corrections;
  $("words-shown").textContent = t("words", { n: Number($("words").value) });
  drawTable();
  if (!shown) return;
  describeArticle(shown);
  showAnswer(shown);
  render();
}

function show(one) {
  shown = one;
  showArticle(one);
  showAnswer(one);
  showTags(one, { canCorrect: state.corrections !== null });
  // Without the text no other summary can be made.
  $("length").hidden = !one.whole;
  say(t("ready", { topics: one.topics.length, tags: one.tags.length }));
}

async function read(form, words) {
  say(t("reading"));
  return post("read", { ...form, words });
}

async function open(row) {
  show(await get("article", { origin: row.origin, id: row.id }));
  $("title").focus();
  $("title").scrollIntoView({ block: "center" });
}

/** The article that is shown, as a form that is read again. */
function again() {
  const text = shown.paragraphs.map((paragraph) => paragraph.join(" ")).join("\n");
  return { body: text, title: shown.title, form: "text", name: shown.id, listed: shown.origin === "desk" };
}

$("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  busy($("submit"), async () => {
    if (!state) await begin(); // the service was not there when the page was opened
    show(await read({ body: $("body").value, form: $("form").value, name }, Number($("words").value)));
    $("title").focus();
    await refresh();
  });
});
$("body").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("entry").requestSubmit();
});
$("body").addEventListener("input", () => { name = ""; });
$("again").addEventListener("click", () => {
  shown = null;
  hideAnswer();
  hideArticle();
  say("");
});
$("words").addEventListener("input", () => {
  $("words-shown").textContent = t("words", { n: Number($("words").value) });
});
$("words").addEventListener("change", () => busy($("words"), async () => {
  let words;
  // The slider may be moved on while an answer is awaited.
  while (shown?.whole && words !== Number($("words").value)) {
    words = Number($("words").value);
    const one = shown;
    const { summary, unsupported } = await read(again(), words);
    if (one === shown) showSummary(Object.assign(shown, { summary, unsupported }));
  }
  say("");
}));
$("copy").addEventListener("click", () => busy($("copy"), async () => {
  await navigator.clipboard.writeText($("summary").textContent);
  say(t("copied"));
}));
$("add").addEventListener("submit", (event) => {
  event.preventDefault();
  add($("added").value);
  $("added").value = "";
});
$("save").addEventListener("click", () => busy($("save"), async () => {
  const { id, title, whole, model } = shown;
  const text = whole ? again().body : "";
  const kept = correction();
  const answer = await post("corrections", { id, title, text, model, ...kept });
  shown.correction = kept;
  state.corrections = answer.corrections;
  $("saved").textContent = t("saved");
  describe();
  await refresh();
}));
$("learn").addEventListener("click", () => busy($("learn"), async () => {
  say(t("learning"));
  const { model } = await post("learn");
  await know();
  describe();
  say(t("learned", { model }));
}));
$("language").addEventListener("change", () => {
  localStorage.setItem(LANGUAGE, $("language").value);
  say("");
  speak($("language").value);
});
document.addEventListener("language", describe);
takeFiles((text, form, file) => {
  if ($("entry").hidden) $("again").click();
  $("body").value = text;
  $("form").value = form;
  name = file;
  $("submit").focus();
});

const remembered = localStorage.getItem(LANGUAGE) ?? "ru";
$("language").value = remembered;
speak(remembered);
busy($("refresh"), begin);
