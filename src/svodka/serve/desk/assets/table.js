// The table of the last hundred articles, its filters and its export.

import { topicName } from "./answer.js";
import { download, get } from "./api.js";
import { $, busy, el, say } from "./page.js";
import { language, t } from "./words.js";

let rows = [];
let open = () => {};
let asked = 0;

/** Prepare the table; `chosen` gets the row of an article that is to be shown. */
export function prepareTable(topics, chosen) {
  open = chosen;
  $("filter-topic").replaceChildren(el("option", { value: "" }), ...topics.map((topic) => el("option", { value: topic.id })));
  let later;
  $("filters").addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(refresh, 250);
  });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("refresh").addEventListener("click", () => busy($("refresh"), refresh));
  for (const form of ["jsonl", "csv"]) {
    const button = $(`export-${form}`);
    button.addEventListener("click", () => busy(button, () => download("export", { ...filters(), form }, `svodka.${form}`)));
  }
}

const filters = () => ({
  words: $("filter-words").value, topic: $("filter-topic").value, tag: $("filter-tag").value, only: $("filter-only").value,
});

/** Ask for the articles anew. */
export async function refresh() {
  const mine = ++asked;
  try {
    const found = await get("articles", filters());
    // An older question may be answered later.
    if (mine === asked) rows = found;
  } catch (error) {
    say(error.message, { bad: true });
  }
  drawTable();
}

/** Draw the table in the page's language. */
export function drawTable() {
  for (const option of $("filter-topic").options) {
    option.textContent = option.value ? topicName({ id: option.value }) : t("any_topic");
  }
  $("count").textContent = t("count", { n: rows.length });
  $("rows").replaceChildren(...rows.map(row));
}

function row(one) {
  const tags = one.tags.join(", ");
  const topics = one.topics.map((topic) => (topic.sure ? topicName(topic) : `${topicName(topic)} (${t("unsure")})`)).join(", ");
  const title = el("button", { type: "button", className: "link", onclick: () => open(one) }, one.title || t("untitled"));
  const about = [one.source, one.corrected ? t("corrected") : ""].filter(Boolean).join(" · ");
  return el("tr", {},
    el("td", {}, title, about ? el("p", { className: "quiet" }, about) : "", el("p", { className: "quiet narrow" }, [topics, tags].filter(Boolean).join(" · "))),
    el("td", { className: "wide" }, topics), el("td", { className: "wide" }, tags), el("td", { className: "at" }, when(one.at)));
}

function when(at) {
  const moment = new Date(at);
  const today = moment.toDateString() === new Date().toDateString();
  const short = today ? { timeStyle: "short" } : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return el("time", { dateTime: at }, moment.toLocaleString(language(), short));
}
