// What the model said of an article: topics, summary, check, names. The tags stand in tags.js.

import { $, el } from "./page.js";
import { meter } from "./scores.js";
import * as why from "./why.js";
import { language, t } from "./words.js";

let names = new Map();
let opened = null; // the topic whose evidence is spelled out

/** Learn what the topics are called. */
export function nameTopics(topics) {
  names = new Map(topics.map((topic) => [topic.id, topic.names]));
}

/** A topic's name in the page's language. */
export const topicName = (topic) => names.get(topic.id)?.[language()] ?? topic.name;

/** Show all of an answer but its tags. */
export function showAnswer(one) {
  $("empty").hidden = true;
  $("found").hidden = false;
  $("topics-part").hidden = !one.topics.length;
  opened = null;
  drawTopics(one.topics);
  showSummary(one);
  $("entities-part").hidden = one.entities === null;
  $("entities").replaceChildren(...entities(one.entities ?? []));
}

/** Nothing is shown. */
export function hideAnswer() {
  $("empty").hidden = false;
  $("found").hidden = true;
}

function drawTopics(topics) {
  $("topics").replaceChildren(...topics.map((topic) => topicRow(topic, (shown) => {
    opened = shown;
    drawTopics(topics);
    document.querySelector(`[data-key="${CSS.escape(`why-${topic.id}`)}"]`).focus();
  })));
}

function topicRow(topic, show) {
  const open = opened === topic.id;
  const state = el("span", { className: topic.sure ? "state sure" : "state unsure" }, t(topic.sure ? "sure" : "unsure"));
  const name = why.name(topic, topicName(topic), { key: topic.id, open, toggle: () => show(open ? null : topic.id) });
  return why.row(topic, {}, el("div", { className: "head" }, name, state, meter(topic.score)), why.quotes(topic, { key: topic.id, open }));
}

/** Show a summary and what was found when it was compared with its article. */
export function showSummary(one) {
  $("summary").textContent = one.summary?.text ?? t("no_summary");
  $("copy").hidden = !one.summary;
  const parts = one.summary ? [verdict(one.unsupported)] : [];
  if (one.summary?.note) parts.push(t("replaced", { note: one.summary.note }));
  $("check").textContent = parts.join(" ");
  $("check").className = `check ${one.unsupported === null ? "" : one.unsupported.length ? "bad" : "good"}`;
}

function verdict(unsupported) {
  if (unsupported === null) return t("check_unknown");
  if (!unsupported.length) return t("check_good");
  const facts = unsupported.map((fact) => `${t(`fact_${fact.kind}`)} «${fact.text}»`);
  return t("check_bad", { facts: facts.join(", ") });
}

function entities(found) {
  if (!found.length) return [el("dd", {}, t("no_entities"))];
  const kinds = ["person", "organisation", "place"].filter((kind) => found.some((one) => one.kind === kind));
  return kinds.map((kind) => el("div", {}, el("dt", {}, t(kind)),
    ...found.filter((one) => one.kind === kind).map((one) => el("dd", {}, one.count > 1 ? `${one.name} ×${one.count}` : one.name))));
}
