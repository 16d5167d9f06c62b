// Files that are chosen or dropped: what they hold, in whatever encoding, and what form it has.

import { $, say } from "./page.js";

/** Let `use` have the text, form and name of each file that is chosen or dropped. */
export function takeFiles(use) {
  $("file").addEventListener("change", () => take($("file").files[0], use));
  window.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  window.addEventListener("dragleave", (event) => event.relatedTarget ?? document.body.classList.remove("dropping"));
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    const [file] = event.dataTransfer.files;
    if (file) take(file, use);
    else if (event.dataTransfer.getData("text/plain")) use(event.dataTransfer.getData("text/plain"), "text", "");
  });
}

async function take(file, use) {
  if (!file) return;
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    use(decoded(bytes), /\.html?$/i.test(file.name) ? "html" : "page", file.name);
  } catch (error) {
    say(error.message, { bad: true });
  }
  $("file").value = "";
}

/** UTF-8 where the bytes are that, else what an HTML page declares, else the usual Russian encoding. */
function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const start = new TextDecoder("latin1").decode(bytes.subarray(0, 2048));
    const declared = /charset\s*=\s*["']?([\w-]+)/i.exec(start)?.[1] ?? "";
    try {
      return new TextDecoder(/^utf-?8$/i.test(declared) || !declared ? "windows-1251" : declared).decode(bytes);
    } catch {
      return new TextDecoder("windows-1251").decode(bytes);
    }
  }
}
