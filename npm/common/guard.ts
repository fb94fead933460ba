/** A listener whose exception costs no job: it is reported and goes no further, also that of an `async` one. */
export function guard<T>(listener: (value: T) => unknown): (value: T) => void {
  return (value) => {
    try {
      // Without this the rejection would end a program of Node's, with a job under way.
      Promise.resolve(listener(value)).catch((error) => console.error(error));
    } catch (error) {
      console.error(error);
    }
  };
}
