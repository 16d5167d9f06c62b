// The article's text, and the sentences in it that are marked.

import { $, el } from "./page.js";
import { language, t } from "./words.js";

let spans = [];
let pinned = [];

/** Show an article in the place of the form. */
export function showArticle(one) {
  spans = [];
  pinned = [];
  $("entry").hidden = true;
  $("article").hidden = false;
  $("title").replaceChildren(sentence(one.title, 0));
  $("text").replaceChildren(...one.paragraphs.map((paragraph) => {
    const shown = el("p");
    for (const text of paragraph) shown.append(sentence(text, spans.length), " ");
    return shown;
  }));
  describeArticle(one);
}

/** What is said of the article in the page's language. */
export function describeArticle(one) {
  if (!one.title) spans[0].textContent = t("untitled");
  const day = one.date && new Date(one.date);
  const shown = day && !Number.isNaN(day.valueOf()) ? day.toLocaleDateString(language(), { dateStyle: "long" }) : one.date;
  $("meta").textContent = [one.source, shown].filter(Boolean).join(" · ");
  $("partial").hidden = one.whole;
  $("cut").textContent = one.cut ? t("cut", { n: one.cut }) : "";
}

/** Show the form again. */
export function hideArticle() {
  $("article").hidden = true;
  $("entry").hidden = false;
  $("body").focus();
  $("body").select();
}

function sentence(text, number) {
  const made = el("span", { className: "sentence" }, text);
  spans[number] = made;
  return made;
}

/** The text of some sentences. */
export const sentencesOf = (numbers) => numbers.map((number) => spans[number].textContent);

/** Mark sentences for as long as something has the pointer or the focus; none: what is pinned stays. */
export function mark(numbers) {
  const wanted = new Set(numbers.length ? numbers : pinned);
  spans.forEach((span, number) => span.classList.toggle("marked", wanted.has(number)));
}

/** Keep sentences marked, and bring the first of them into sight. */
export function pin(numbers) {
  pinned = numbers;
  mark([]);
  const wide = window.matchMedia("(min-width: 60rem)").matches;
  if (numbers.length && wide) spans[numbers[0]]?.scrollIntoView({ block: "nearest" });
}
