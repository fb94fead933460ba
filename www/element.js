/**
 * Creates an element. An attribute that is `undefined` or `false` is left out, `true` is set without a value, and
 * `onclick` and the like take a listener. Children that are `undefined` or `false` are left out.
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return node;
}

/** A button that copies the result of `text()`. */
export function copyButton(text, label = "Copy") {
  const button = element("button", { type: "button", class: "small", onclick: copy }, label);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed"; // there is a clipboard only with HTTPS or on this machine
    }
    setTimeout(() => (button.textContent = label), 1500);
  }
  return button;
}
