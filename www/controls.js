// The controls of the form. Each has its `node`; `read()` returns what it adds to the request (`undefined`: nothing), and
// `write(value)` shows a value. `grouped` ones hold several inputs and so need a legend in place of a label.

import { element } from "./element.js";

const GENERATION_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const said = (text) => (text === "" ? undefined : text);

/** Several lines of text. */
function text({ path, placeholder }, id) {
  const node = element("textarea", { id, name: path, rows: 4, placeholder });
  return { node, read: () => said(node.value), write: (value) => (node.value = value ?? "") };
}

/** One line, usually an address. */
function line({ path, placeholder }, id) {
  const node = element("input", { id, name: path, placeholder, inputmode: "url", autocomplete: "off", spellcheck: "false" });
  return { node, read: () => said(node.value.trim()), write: (value) => (node.value = value ?? "") };
}

/** An end of a video: the address of a picture, or the id of a generation. */
function keyframe(field, id) {
  const { node } = line(field, id);
  const read = () => {
    const value = node.value.trim();
    if (value === "") return undefined;
    return GENERATION_ID.test(value) ? { type: "generation", id: value } : { type: "image", url: value };
  };
  return { node, read, write: (value) => (node.value = value?.url ?? value?.id ?? "") };
}

/** One of a few values; `auto` adds the choice of none. */
function choice({ path, values, auto }, id) {
  const options = values.map((value) => element("option", { value }, value));
  if (auto) options.unshift(element("option", { value: "" }, "auto"));
  const node = element("select", { id, name: path }, options);
  // A value that this field does not have, such as another kind's model, changes nothing.
  const write = (value = "") => values.includes(value) && (node.value = value);
  return { node, read: () => said(node.value), write };
}

/** Width to height, shown as a shape. */
function ratio({ path, values }) {
  const choices = values.map((value, index) => {
    const shape = element("span", { class: "shape", "aria-hidden": true });
    shape.style.aspectRatio = value.replace(":", " / ");
    const input = element("input", { type: "radio", name: path, value, checked: index === 0, class: "visually-hidden" });
    return element("label", { class: "proportion" }, input, element("span", { class: "frame" }, shape), value);
  });
  const node = element("div", { class: "ratios" }, choices);
  const inputs = [...node.querySelectorAll("input")];
  return {
    node,
    grouped: true,
    read: () => inputs.find((input) => input.checked)?.value,
    write: (value) => inputs.forEach((input) => (input.checked ||= input.value === value)),
  };
}

/** Yes, or no value. */
function flag({ path, label }, id) {
  const input = element("input", { id, type: "checkbox", name: path });
  const node = element("label", { class: "check" }, input, label);
  return { node, labelled: true, read: () => input.checked || undefined, write: (value) => (input.checked = value === true) };
}

/** A number from 0 to 1. */
function weight({ path }, id) {
  const node = element("input", { id, type: "number", name: path, min: 0, max: 1, step: 0.05, placeholder: "auto" });
  return { node, read: () => (node.value === "" ? undefined : node.valueAsNumber), write: (value) => (node.value = value ?? "") };
}

/** Up to `most` addresses, each with a weight where the field has `weights`, or as `bare` text. */
function references(field, id) {
  const list = element("div", { class: "rows" });
  const more = element("button", { type: "button", class: "small", onclick: () => add().url.node.focus() }, "Add a picture");
  const node = element("div", {}, list, more);
  const rows = [];
  let made = 0;

  function add(value) {
    const place = `${id}-${made++}`;
    const row = { url: line({ path: field.path, placeholder: "https://…" }, place), weight: undefined };
    row.url.node.setAttribute("aria-label", `${field.label}: address`);
    row.url.node.setAttribute("aria-describedby", `${place}-problem`);
    if (field.weights) {
      row.weight = weight({ path: field.path }, `${place}-weight`);
      row.weight.node.setAttribute("aria-label", `${field.label}: weight, 0 to 1`);
    }
    const drop = element(
      "button",
      { type: "button", class: "small", "aria-label": "Remove this picture", onclick: () => remove(row) },
      "✕",
    );
    const inputs = element("div", { class: "row" }, row.url.node, row.weight?.node, drop);
    row.node = element("div", {}, inputs, element("p", { class: "problem", id: `${place}-problem`, hidden: true }));
    row.url.write(value?.url ?? value);
    row.weight?.write(value?.weight);
    rows.push(row);
    list.append(row.node);
    more.hidden = rows.length >= field.most;
    return row;
  }
  function remove(row) {
    rows.splice(rows.indexOf(row), 1);
    row.node.remove();
    more.hidden = false;
    more.focus();
    node.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function read() {
    const given = rows.filter((row) => row.url.read());
    // An empty row is not sent, so the index in a row's path counts only the rows that are not empty.
    rows.forEach((row) => delete row.node.dataset.path);
    given.forEach((row, index) => (row.node.dataset.path = `${field.path}[${index}]`));
    const values = given.map((row) => (field.bare ? row.url.read() : { url: row.url.read(), weight: row.weight?.read() }));
    return values.length ? values : undefined;
  }
  function write(values = []) {
    rows.splice(0).forEach((row) => row.node.remove());
    more.hidden = false;
    values.forEach(add);
  }
  return { node, grouped: true, read, write };
}

/** Camera concepts. Opening the list fetches them from the provider. */
function concepts({ path }, _id, { concepts }) {
  const list = element("div", { class: "words" });
  const summary = element("summary", {}, "Camera concepts", element("span", { class: "quiet" }));
  const node = element("details", { class: "concepts", ontoggle: () => node.open && show() }, summary, list);
  const chosen = new Set();
  let shown;

  function tell() {
    summary.lastChild.textContent = chosen.size ? ` ${[...chosen].join(", ")}` : "";
  }
  async function show() {
    const words = concepts();
    if (shown === words) return;
    shown = words;
    list.replaceChildren("Asking for the list…");
    try {
      const keys = (await words).toSorted();
      list.replaceChildren(...keys.map(word));
    } catch (error) {
      shown = undefined;
      list.replaceChildren(error.message);
    }
  }
  function word(key) {
    const input = element("input", {
      type: "checkbox",
      name: path,
      value: key,
      checked: chosen.has(key),
      class: "visually-hidden",
      oninput: change,
    });
    return element("label", { class: "word" }, input, key.replaceAll("_", " "));
  }
  function change({ target }) {
    if (target.checked) chosen.add(target.value);
    else chosen.delete(target.value);
    tell();
  }
  return {
    node,
    labelled: true,
    read: () => (chosen.size ? [...chosen].map((key) => ({ key })) : undefined),
    write(values = []) {
      chosen.clear();
      values.forEach(({ key }) => chosen.add(key));
      list.querySelectorAll("input").forEach((input) => (input.checked = chosen.has(input.value)));
      tell();
    },
  };
}

const CONTROLS = { text, line, keyframe, choice, ratio, flag, weight, references, concepts };

/** The control for a field. `offers.concepts()` returns a promise of the camera concepts. */
export const controlOf = (field, id, offers) => CONTROLS[field.control](field, id, offers);
