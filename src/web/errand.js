// What JavaScript does for a task of the wasm's: it begins, and when it is done the task is woken, that one and no other.

import { wake } from "wasm"; // its exports: see scripts/build.mjs

/** What is under way for a task, until it is done or nobody wants it any more. */
export class Errand {
  over = false;

  /**
   * @param {number} task whom to wake
   * @param {() => void} [callOff] ends what is under way, should it be left before it is done
   */
  constructor(task, callOff) {
    this.task = task;
    this.callOff = callOff;
  }

  /** It is done, and came to that; `undo` is called should nobody take it. */
  done(value, undo) {
    if (this.over) return undo?.();
    this.over = true;
    this.value = value;
    this.callOff = undo;
    wake(this.task);
  }
}

/** Whether it is done: then it is taken. */
export function taken(errand) {
  if (errand.over) errand.callOff = undefined;
  return errand.over;
}

/** Nobody wants it any more. */
export function leave(errand) {
  errand.over = true;
  errand.callOff?.();
}
