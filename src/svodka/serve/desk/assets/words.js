// What the page says, in each of its languages. {n} stands for a value; of several forms the number chooses.

const ru = {
  skip: "К ответу", model: "Модель", language: "Язык", entry: "Статья",
  paste: "Вставьте текст или перетащите сюда файл .txt или .html",
  form: "Это", form_text: "текст", form_page: "страница с лидом и тегами", form_html: "HTML", file: "Файл…",
  read: "Прочитать", reading: "Читаю…", again: "Другая статья",
  partial: "В базе нет текста статьи: здесь лишь предложения, по которым даны темы и теги.",
  cut: { one: "Не прочитан {n} токен в конце.", few: "Не прочитаны {n} токена в конце.", many: "Не прочитаны {n} токенов в конце.", other: "Не прочитаны {n} токена в конце." },
  answer: "Ответ модели", empty: "Здесь будут темы, теги, краткое содержание и имена.",
  ready: "Прочитано: тем {topics}, тегов {tags}.",
  topics: "Темы", sure: "уверенно", unsure: "под вопросом",
  tags: "Теги", no_tags: "Ни одного.", why: "Почему «{name}»", evidence: "По этим предложениям",
  remove: "Убрать", restore: "Вернуть", rename: "Переименовать", keep_name: "Готово", cancel: "Отмена",
  remove_tag: "Убрать тег «{name}»", restore_tag: "Вернуть тег «{name}»", rename_tag: "Переименовать тег «{name}»",
  new_name: "Новое имя тега «{name}»", removed: "убран", added: "добавлен", was: "было «{name}»",
  add: "Добавить", add_tag: "Добавить тег", twice: "Тег «{name}» уже есть.",
  confirm: "Всё верно", save: "Записать исправления", saved: "Записано.",
  summary: "Краткое содержание", no_summary: "Эта модель не даёт краткого содержания.", length: "Длина", copy: "Копировать", copied: "Скопировано.",
  words: { one: "до {n} слова", few: "до {n} слов", many: "до {n} слов", other: "до {n} слов" },
  check_good: "Числа, даты и имена краткого содержания есть в статье.", check_bad: "Нет в статье: {facts}.",
  check_unknown: "Сверить не с чем: текста статьи нет.", replaced: "Написанное моделью заменено предложениями статьи: {note}",
  entities: "Люди, организации, места", no_entities: "Никто и ничто не названо.",
  person: "Люди", organisation: "Организации", place: "Места",
  fact_number: "число", fact_date: "дата", fact_person: "человек", fact_organisation: "организация", fact_place: "место", fact_name: "имя",
  list: "Последние сто статей", search: "Найти", topic: "Тема", tag: "Тег", only: "Только", any_topic: "любая",
  only_all: "все", only_untagged: "без тегов", only_unsure: "тема под вопросом", only_corrected: "исправленные",
  count: { one: "{n} статья", few: "{n} статьи", many: "{n} статей", other: "{n} статьи" }, refresh: "Обновить",
  export_jsonl: "Выгрузить JSON Lines", export_csv: "Выгрузить CSV",
  column_title: "Статья", column_at: "Прочитана", corrected: "исправлена", untitled: "Без заголовка",
  corrections: { one: "{n} исправленная статья", few: "{n} исправленные статьи", many: "{n} исправленных статей", other: "{n} исправленной статьи" },
  learn: "Учиться на них", learning: "Учусь…", learned: "Выучено. Теперь отвечает модель {model}.",
  login: "Нужен ключ доступа", token: "Ключ", wrong_token: "Этот ключ не подошёл.", enter: "Войти",
  error_401: "Нужен ключ доступа.", error_413: "Слишком много текста за один раз.", error_429: "Сервис занят. Попробуйте через несколько секунд.",
  error_503: "Сервис сейчас не отвечает. Попробуйте ещё раз.", error_504: "Ответ занял слишком много времени.", error_network: "Нет связи с сервисом.",
  error: "Не получилось: {message}",
};

const en = {
  skip: "To the answer", model: "Model", language: "Language", entry: "Article",
  paste: "Paste a text, or drop a .txt or .html file here",
  form: "It is", form_text: "a text", form_page: "a page with lead and tags", form_html: "HTML", file: "File…",
  read: "Read", reading: "Reading…", again: "Another article",
  partial: "The database has no text of this article: these are the sentences behind its topics and tags.",
  cut: { one: "{n} token at the end was not read.", other: "{n} tokens at the end were not read." },
  answer: "The model's answer", empty: "Topics, tags, a summary and names will be shown here.",
  ready: "Read: {topics} topics, {tags} tags.",
  topics: "Topics", sure: "sure", unsure: "unsure",
  tags: "Tags", no_tags: "None.", why: "Why “{name}”", evidence: "By these sentences",
  remove: "Remove", restore: "Restore", rename: "Rename", keep_name: "Done", cancel: "Cancel",
  remove_tag: "Remove the tag “{name}”", restore_tag: "Restore the tag “{name}”", rename_tag: "Rename the tag “{name}”",
  new_name: "New name of the tag “{name}”", removed: "removed", added: "added", was: "was “{name}”",
  add: "Add", add_tag: "Add a tag", twice: "The tag “{name}” is there already.",
  confirm: "All correct", save: "Save corrections", saved: "Saved.",
  summary: "In short", no_summary: "This model makes no summaries.", length: "Length", copy: "Copy", copied: "Copied.",
  words: { one: "up to {n} word", other: "up to {n} words" },
  check_good: "All numbers, dates and names of the summary are in the article.", check_bad: "Not in the article: {facts}.",
  check_unknown: "Not compared: the article's text is not here.", replaced: "Sentences of the article stand in place of what the model wrote: {note}",
  entities: "People, organisations, places", no_entities: "Nobody and nothing is named.",
  person: "People", organisation: "Organisations", place: "Places",
  fact_number: "number", fact_date: "date", fact_person: "person", fact_organisation: "organisation", fact_place: "place", fact_name: "name",
  list: "The last hundred articles", search: "Find", topic: "Topic", tag: "Tag", only: "Only", any_topic: "any",
  only_all: "all", only_untagged: "without tags", only_unsure: "with an unsure topic", only_corrected: "corrected",
  count: { one: "{n} article", other: "{n} articles" }, refresh: "Refresh",
  export_jsonl: "Export JSON Lines", export_csv: "Export CSV",
  column_title: "Article", column_at: "Read at", corrected: "corrected", untitled: "Untitled",
  corrections: { one: "{n} corrected article", other: "{n} corrected articles" },
  learn: "Learn from them", learning: "Learning…", learned: "Learned. The model {model} answers now.",
  login: "A token is needed", token: "Token", wrong_token: "This token was not accepted.", enter: "Enter",
  error_401: "A token is needed.", error_413: "Too much text at once.", error_429: "The service is busy. Try again in a few seconds.",
  error_503: "The service does not answer now. Try again.", error_504: "The answer took too long.", error_network: "The service cannot be reached.",
  error: "It did not work: {message}",
};

const kk = {
  skip: "Жауапқа өту", model: "Модель", language: "Тіл", entry: "Мақала",
  paste: "Мәтінді қойыңыз немесе .txt не .html файлын осында сүйреп әкеліңіз",
  form: "Бұл", form_text: "мәтін", form_page: "лиді мен тегтері бар бет", form_html: "HTML", file: "Файл…",
  read: "Оқу", reading: "Оқып жатыр…", again: "Басқа мақала",
  partial: "Дерекқорда мақаланың мәтіні жоқ: мұнда тақырыптар мен тегтерге негіз болған сөйлемдер ғана.",
  cut: { other: "Соңындағы {n} токен оқылмады." },
  answer: "Модельдің жауабы", empty: "Мұнда тақырыптар, тегтер, қысқаша мазмұн және есімдер шығады.",
  ready: "Оқылды: тақырып — {topics}, тег — {tags}.",
  topics: "Тақырыптар", sure: "сенімді", unsure: "күмәнді",
  tags: "Тегтер", no_tags: "Бірде-біреуі жоқ.", why: "Неге «{name}»", evidence: "Мына сөйлемдер бойынша",
  remove: "Алып тастау", restore: "Қайтару", rename: "Атын өзгерту", keep_name: "Дайын", cancel: "Бас тарту",
  remove_tag: "«{name}» тегін алып тастау", restore_tag: "«{name}» тегін қайтару", rename_tag: "«{name}» тегінің атын өзгерту",
  new_name: "«{name}» тегінің жаңа аты", removed: "алынды", added: "қосылды", was: "бұрын «{name}»",
  add: "Қосу", add_tag: "Тег қосу", twice: "«{name}» тегі бар.",
  confirm: "Бәрі дұрыс", save: "Түзетулерді сақтау", saved: "Сақталды.",
  summary: "Қысқаша", no_summary: "Бұл модель қысқаша мазмұн жазбайды.", length: "Ұзындығы", copy: "Көшіру", copied: "Көшірілді.",
  words: { other: "{n} сөзге дейін" },
  check_good: "Мазмұндағы сандар, күндер мен есімдер мақалада бар.", check_bad: "Мақалада жоқ: {facts}.",
  check_unknown: "Салыстыру мүмкін емес: мақаланың мәтіні жоқ.", replaced: "Модель жазғанның орнына мақаланың сөйлемдері қойылды: {note}",
  entities: "Адамдар, ұйымдар, жерлер", no_entities: "Ешкім де, ештеңе де аталмаған.",
  person: "Адамдар", organisation: "Ұйымдар", place: "Жерлер",
  fact_number: "сан", fact_date: "күн", fact_person: "адам", fact_organisation: "ұйым", fact_place: "жер", fact_name: "есім",
  list: "Соңғы жүз мақала", search: "Іздеу", topic: "Тақырып", tag: "Тег", only: "Тек", any_topic: "кез келген",
  only_all: "барлығы", only_untagged: "тегсіз", only_unsure: "тақырыбы күмәнді", only_corrected: "түзетілген",
  count: { other: "{n} мақала" }, refresh: "Жаңарту",
  export_jsonl: "JSON Lines түрінде алу", export_csv: "CSV түрінде алу",
  column_title: "Мақала", column_at: "Оқылған уақыты", corrected: "түзетілген", untitled: "Тақырыпсыз",
  corrections: { other: "{n} түзетілген мақала" },
  learn: "Солардан үйрену", learning: "Үйреніп жатыр…", learned: "Үйренді. Енді {model} моделі жауап береді.",
  login: "Кіру кілті керек", token: "Кілт", wrong_token: "Бұл кілт жарамады.", enter: "Кіру",
  error_401: "Кіру кілті керек.", error_413: "Бір жолға мәтін тым көп.", error_429: "Сервис бос емес. Бірнеше секундтан кейін қайталаңыз.",
  error_503: "Сервис қазір жауап бермейді. Қайталап көріңіз.", error_504: "Жауап тым ұзаққа созылды.", error_network: "Сервиспен байланыс жоқ.",
  error: "Болмады: {message}",
};

const all = { ru, en, kk };
let current = "ru";

/** The language that is shown, as ISO 639-1. */
export const language = () => current;

/** Whether there are words of this name. */
export const known = (key) => key in ru;

/** Words by their name, with values put in; `values.n` chooses the plural form. */
export function t(key, values = {}) {
  const found = all[current][key];
  const chosen = typeof found === "string" ? found : found[new Intl.PluralRules(current).select(values.n)] ?? found.other;
  return chosen.replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === "number" ? values[name].toLocaleString(current) : values[name]);
}

/** Show another language: of the page's own words; what is made by scripts follows the event `language`. */
export function speak(wanted) {
  current = wanted in all ? wanted : "ru";
  document.documentElement.lang = current;
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = t(place.dataset.t);
  for (const place of document.querySelectorAll("[data-t-placeholder]")) place.placeholder = t(place.dataset.tPlaceholder);
  document.dispatchEvent(new Event("language"));
}
