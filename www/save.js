import { element } from "./element.js";

const ENDINGS = { "video/mp4": "mp4", "image/jpeg": "jpg", "image/png": "png" };

/** Downloads a finished job's file and saves it; `button` shows the progress. */
export async function save({ connection, generation }, button) {
  const label = button.textContent;
  const actions = button.closest(".actions");
  actions.querySelector(".problem")?.remove();
  button.disabled = true;
  try {
    const onProgress = ({ received, total }) =>
      (button.textContent = total ? `${Math.round((100 * received) / total)} %` : `${Math.round(received / 1024)} kB`);
    const file = await (await connection.client.download(generation, { onProgress })).blob();
    const url = URL.createObjectURL(file);
    element("a", { href: url, download: `${generation.id}.${ENDINGS[file.type] ?? "bin"}` }).click();
    URL.revokeObjectURL(url);
  } catch (error) {
    const { video, image } = generation.assets;
    const link =
      !connection.inside && element("a", { href: video ?? image, target: "_blank", rel: "noopener noreferrer" }, " Open it in a new tab.");
    actions.append(element("p", { class: "problem", role: "alert" }, error.message, link));
  }
  button.disabled = false;
  button.textContent = label;
}
