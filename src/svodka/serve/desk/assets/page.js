// Elements, and what the page says of what goes on. Texts become text nodes alone, never markup.

/** An element by its id. */
export const $ = (id) => document.getElementById(id);

/** A new element: properties, attributes (names with a dash) and children, of which a string is a text. */
export function el(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-")) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

/** Say something, to a screen reader too. */
export function say(text, { bad = false } = {}) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", bad);
}

/** Let a button work once at a time; what goes wrong is said. */
export async function busy(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  // Not `disabled`: that would take the focus away from whoever works by keyboard.
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } catch (error) {
    say(error.message, { bad: true });
  } finally {
    button.removeAttribute("aria-disabled");
  }
}
