export { fileStore } from "./file.js";
