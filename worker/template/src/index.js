export { Account, Creation, default } from "luma-edge/worker";
