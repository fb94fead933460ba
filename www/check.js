import { isWarning } from "luma-edge";
import { element } from "./element.js";

/** Long enough to wait for the next letter, short enough to feel live. */
const PAUSE = 250;

/**
 * Shows the form's problems and price while a person types. It sends nothing. `connection()` returns the connection whose
 * rules and prices apply.
 */
export class Check {
  #form;
  #connection;
  #timer;
  #turn = 0;
  node = element("p", { class: "estimate", "aria-live": "polite" });

  constructor(form, connection) {
    this.#form = form;
    this.#connection = connection;
  }

  /** Checks soon, in place of an earlier check that still waits. */
  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), PAUSE);
  }

  /** Checks at once; returns whether the request may be sent. `all` includes untouched fields. */
  async now({ all = false } = {}) {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const connection = this.#connection();
    const { problems, price = [] } = await validate(connection, this.#form.request());
    if (turn === this.#turn) {
      this.#form.showProblems(problems, { all });
      const text = price.map((part) => part.textContent).join("");
      if (text !== this.node.textContent) this.node.replaceChildren(...price);
    }
    return problems.every(isWarning);
  }
}

async function validate({ client, inside }, request) {
  try {
    const problems = await client.validate(request);
    return problems.every(isWarning) ? { problems, price: priceOf(await client.estimate(request), inside) } : { problems };
  } catch (error) {
    return { problems: [{ path: "", message: error.message }] };
  }
}

function priceOf({ usd, basis, asOf }, inside) {
  const free = inside ? " The simulator charges nothing." : "";
  return [element("strong", {}, usd === undefined ? basis : `About ${basis}`), element("span", {}, ` (as of ${asOf}).${free}`)];
}
