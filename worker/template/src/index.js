export { Account, Creation, default, Queue, Result } from "luma-edge/worker";
