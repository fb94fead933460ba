import { element } from "./element.js";

/** Long enough for a next letter to come, short enough to feel live. */
const PAUSE = 250;

/**
 * Tells the form's problems and price while one types; nothing of it is sent anywhere. `connection()` gives whose rules
 * and prices.
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

  /** Looks soon; looks that were asked for earlier are forgotten. */
  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), PAUSE);
  }

  /** Looks at once; gives whether the request may be sent. `all`: also at fields that nobody touched. */
  async now({ all = false } = {}) {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const connection = this.#connection();
    const { problems, price = [] } = await look(connection, this.#form.request());
    if (turn === this.#turn) {
      this.#form.showProblems(problems, { all });
      const told = price.map((part) => part.textContent).join("");
      if (told !== this.node.textContent) this.node.replaceChildren(...price);
    }
    return problems.length === 0;
  }
}

async function look({ client, inside }, request) {
  try {
    const problems = await client.validate(request);
    return problems.length ? { problems } : { problems, price: priceOf(await client.estimate(request), inside) };
  } catch (error) {
    return { problems: [{ path: "", message: error.message }] };
  }
}

function priceOf({ usd, basis, asOf }, inside) {
  const price = usd === undefined ? "Price unknown." : `About $${usd.toFixed(2)}.`;
  const free = inside ? " The simulator charges nothing." : "";
  return [element("strong", {}, price), element("span", {}, ` ${basis} (as of ${asOf}).${free}`)];
}
