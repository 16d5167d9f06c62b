// Requests to the service, with the token where one is needed.

import { $ } from "./page.js";
import { known, language, t } from "./words.js";

const KEY = "svodka-token";

async function answer(path, { method = "GET", body } = {}) {
  const headers = { "Accept-Language": language() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const token = sessionStorage.getItem(KEY);
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    return await fetch(`desk/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error(t("error_network"));
  }
}

async function request(path, options) {
  let got = await answer(path, options);
  while (got.status === 401) {
    await login();
    got = await answer(path, options);
  }
  if (!got.ok) throw new Error(await explained(got));
  return got;
}

async function explained(got) {
  const key = `error_${got.status}`;
  const told = await got.json().catch(() => ({}));
  const message = told.error?.message ?? told.error ?? told.detail;
  if (known(key) && !(got.status === 503 && message)) return t(key);
  return t("error", { message: typeof message === "string" ? message : `HTTP ${got.status}` });
}

let waiting = null;

/** Ask for the token; several requests that need it wait for one answer. */
function login() {
  waiting ??= new Promise((resolve, reject) => {
    const dialog = $("login");
    $("token").value = "";
    $("wrong-token").hidden = !sessionStorage.getItem(KEY);
    dialog.showModal();
    dialog.addEventListener("close", () => {
      waiting = null;
      if (dialog.returnValue !== "enter") return reject(new Error(t("error_401")));
      sessionStorage.setItem(KEY, $("token").value);
      dialog.returnValue = "";
      return resolve();
    }, { once: true });
  });
  return waiting;
}

/** What the service answers to a question about `path`. */
export const get = async (path, query = {}) => (await request(`${path}?${new URLSearchParams(query)}`)).json();

/** What the service answers to `body`. */
export const post = async (path, body = {}) => (await request(path, { method: "POST", body })).json();

/** Save a file that the service makes. */
export async function download(path, query, name) {
  const file = await (await request(`${path}?${new URLSearchParams(query)}`)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
