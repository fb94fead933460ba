/** A listener whose own exception costs nobody a job: it is shown and goes no further. */
export function guard<T>(listener: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      listener(value);
    } catch (error) {
      console.error(error);
    }
  };
}
