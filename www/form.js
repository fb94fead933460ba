// The request as a form: the choice of kinds, the fields of the chosen one, and the problems beside them.

import { controlOf } from "./controls.js";
import { element } from "./element.js";

const INPUTS = "textarea, input, select";

/**
 * Fills `root` (a form) and reports through its events: `input` when something changed, `submit` to send it.
 * `offers.concepts()` returns a promise of the camera concepts.
 */
export class RequestForm {
  #root;
  #offers;
  #kinds; // of the API that is chosen
  #kind;
  #fields = []; // { path, control } of the chosen kind
  #values = new Map(); // the values by path, which outlive a change of kind
  #chooser = element("fieldset", { class: "kinds" }, element("legend", {}, "Make"));
  #body = element("div", { class: "fields" });
  #rest = element("p", { class: "problem", role: "alert", hidden: true }); // problems without a field
  /** The caller may fill this part under the fields. */
  foot = element("div", { class: "foot" });

  constructor(root, offers) {
    this.#root = root;
    this.#offers = offers;
    root.append(this.#chooser, this.#body, this.#rest, this.foot);
    this.#chooser.addEventListener("change", ({ target }) => this.show(target.value));
    root.addEventListener("input", ({ target }) => touch(target));
    root.addEventListener("focusout", ({ target }) => touch(target) && root.dispatchEvent(new Event("input")));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) root.requestSubmit();
    });
  }

  /** Offers the kinds of an API. The chosen kind stays where there is one like it. */
  offer(kinds) {
    if (kinds === this.#kinds) return;
    this.#keep();
    this.#kinds = kinds;
    this.#fields = [];
    const groups = [...Map.groupBy(kinds, (kind) => kind.makes)];
    this.#chooser.replaceChildren(this.#chooser.firstChild, ...groups.map((group) => this.#group(group)));
    this.show(this.#kind?.id ?? kinds[0].id);
  }

  /** What the chosen kind makes: `Video` or `Image`. */
  get makes() {
    return this.#kind.makes;
  }

  #group([makes, kinds]) {
    const choices = kinds.map(({ id, label }) =>
      element("label", {}, element("input", { type: "radio", name: "kind", value: id, class: "visually-hidden" }), label),
    );
    return element(
      "div",
      { class: "kind-group", role: "group", "aria-label": makes },
      element("span", { "aria-hidden": true }, makes),
      choices,
    );
  }

  /** Shows a kind, with these values (by path) over the earlier ones. */
  show(id, values = {}) {
    this.#keep();
    for (const [path, value] of Object.entries(values)) this.#values.set(path, value);
    this.#kind = this.#kinds.find((kind) => kind.id === id) ?? this.#kinds[0];
    this.#fields = [];
    this.#body.replaceChildren(...this.#kind.fields.map((field) => this.#field(field)));
    for (const input of this.#chooser.querySelectorAll("input")) input.checked = input.value === this.#kind.id;
    this.#root.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #keep() {
    for (const { path, control } of this.#fields) this.#values.set(path, control.read());
  }

  #field(field) {
    const { path, label, hint, optional, fields } = field;
    const id = `field-${path.replaceAll(".", "-")}`;
    const note = [
      hint && element("p", { class: "hint", id: `${id}-hint` }, hint),
      element("p", { class: "problem", id: `${id}-problem`, hidden: true }),
    ];
    const described = { "aria-describedby": `${hint ? `${id}-hint ` : ""}${id}-problem` };
    const name = [label, optional && element("span", { class: "quiet" }, " optional")];
    if (fields) {
      const parts = element(
        "div",
        { class: "parts" },
        fields.map((part) => this.#field(part)),
      );
      return element("fieldset", { class: "field", "data-path": path, ...described }, element("legend", {}, name), parts, note);
    }
    const control = controlOf(field, id, this.#offers);
    control.write(this.#values.get(path));
    this.#fields.push({ path, control });
    const shown = { class: `field ${field.control}`, "data-path": path };
    if (control.grouped) return element("fieldset", { ...shown, ...described }, element("legend", {}, name), control.node, note);
    inputOf(control.node)?.setAttribute("aria-describedby", described["aria-describedby"]);
    return element("div", shown, !control.labelled && element("label", { for: id }, name), control.node, note);
  }

  /** The content of the form, which `show` restores. */
  draft() {
    this.#keep();
    return { kind: this.#kind.id, values: Object.fromEntries(this.#fields.map(({ path }) => [path, this.#values.get(path)])) };
  }

  /** The form's request, as the client takes it. */
  request() {
    const request = structuredClone(this.#kind.base ?? {});
    for (const { path, control } of this.#fields) put(request, path.split("."), control.read());
    return request;
  }

  /** Shows each problem beside its field; those of untouched fields only with `all`. */
  showProblems(problems, { all = false } = {}) {
    const places = [...this.#body.querySelectorAll("[data-path]")];
    if (all) places.forEach((place) => (place.dataset.touched = ""));
    const found = new Map();
    for (const { path, message } of problems) {
      const place = closest(places, path);
      if (place && !("touched" in place.dataset)) continue;
      found.set(place, [...(found.get(place) ?? []), place ? message : [path, message].filter(Boolean).join(": ")]);
    }
    for (const place of places) tell(place, found.get(place));
    this.#rest.textContent = found.get(undefined)?.join(" ") ?? "";
    this.#rest.hidden = !found.has(undefined);
  }

  /** Focuses the first field with a problem, or else the first one. */
  focus() {
    const place = this.#body.querySelector(".wrong") ?? this.#body.querySelector(".field");
    if (place) inputOf(place)?.focus();
  }
}

/** Writes a value into nested objects and creates those that are missing; `undefined` changes nothing. */
function put(object, [name, ...rest], value) {
  if (value === undefined) return;
  if (rest.length) put((object[name] ??= {}), rest, value);
  else object[name] = value;
}

/** Marks the fields around an input as touched. */
function touch(target) {
  let place = target.closest?.("[data-path]");
  const found = Boolean(place);
  for (; place; place = place.parentElement.closest("[data-path]")) place.dataset.touched = "";
  return found;
}

/** The element whose path is the longest prefix of `path`. */
function closest(places, path) {
  const holds = ({ dataset }) => path === dataset.path || path.startsWith(`${dataset.path}.`) || path.startsWith(`${dataset.path}[`);
  return places.filter(holds).sort((a, b) => b.dataset.path.length - a.dataset.path.length)[0];
}

function tell(place, messages) {
  // The field's own line, not that of one of its parts.
  const line = [...place.querySelectorAll(".problem")].find((line) => line.closest("[data-path]") === place);
  place.classList.toggle("wrong", Boolean(messages));
  line.textContent = messages?.join(" ") ?? "";
  line.hidden = !messages;
  if (messages) inputOf(place)?.setAttribute("aria-invalid", "true");
  else inputOf(place)?.removeAttribute("aria-invalid");
}

function inputOf(node) {
  return node.matches(INPUTS) ? node : node.querySelector(INPUTS);
}
