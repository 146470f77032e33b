// Fills the page with the settings of the server.

import { setUpComparison } from "./compare.js";
import { readRoutes, setUpRoutes } from "./routes.js";

const count = (n, thing) => `${n} ${thing}${n === 1 ? "" : "s"}`;

const runtime = await (await fetch("/runtime")).json();
document.querySelector("#runtime").textContent = [
  count(runtime.reactors, "reactor"),
  runtime.workers ? count(runtime.workers, "worker") : "no worker pool",
  count(runtime.cores, "core"),
].join(" · ");

setUpComparison(runtime);
setUpRoutes(readRoutes(await (await fetch("/routes.cpp")).text()));
