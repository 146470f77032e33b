// The comparison: load on one route after the other, with pings during both.

import { Chart } from "./chart.js";
import { duration, pause, quantile, timed } from "./measure.js";

const phases = [
  { name: "none", title: "No load", seconds: 2, path: undefined },
  { name: "inline", title: "Inline", seconds: 5, path: (n) => `/fib-inline/${n}` },
  { name: "pool", title: "Pool", seconds: 5, path: (n) => `/fib/${n}` },
];

/** The pause between two pings, in milliseconds. */
const breath = 15;

/** Requests `path` repeatedly until the phase ends; counts the answers. */
async function load(path, run, stop) {
  while (run.lasts) {
    const response = await fetch(path, { cache: "no-store", signal: stop });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    run.answered += 1;
  }
}

/** Runs one phase: {pings, answered, seconds}. `onPing(at, ms)` is called for each ping. */
async function runPhase(phase, { n, loaders }, stop, onPing) {
  const run = { lasts: true, answered: 0 };
  const began = performance.now();
  const since = () => (performance.now() - began) / 1000;
  const loads = Promise.all(
    Array.from({ length: phase.path ? loaders : 0 }, () => load(phase.path(n), run, stop)),
  );
  loads.catch(() => (run.lasts = false));

  const pings = [];
  while (run.lasts && since() < phase.seconds) {
    const at = since();
    const { ms } = await timed("/ping", { signal: stop });
    pings.push(ms);
    onPing(at, ms);
    await pause(breath);
  }
  run.lasts = false;
  const result = { pings, answered: run.answered, seconds: since() };
  await loads; // throws the first error; afterwards the server is idle for the next phase
  return result;
}

/** Connects the comparison with its part of the page. */
export function setUpComparison(runtime) {
  const form = document.querySelector("#compare");
  const button = form.querySelector("button");
  const progress = document.querySelector("#progress");
  const verdict = document.querySelector("#verdict");
  const canvas = document.querySelector("#chart");
  const chart = new Chart(canvas);
  let stop;

  chart.clear(phases);

  const cells = (figure) => [...document.querySelectorAll(`[data-figure="${figure}"] td`)];
  const show = (index, result) => {
    const { pings, answered, seconds } = result;
    cells("p50")[index].textContent = duration(quantile(pings, 0.5));
    cells("p99")[index].textContent = duration(quantile(pings, 0.99));
    cells("pings")[index].textContent = String(pings.length);
    if (phases[index].path) cells("fibs")[index].textContent = (answered / seconds).toFixed(0);
  };

  async function compare() {
    const settings = { n: Number(form.n.value), loaders: Number(form.loaders.value) };
    const results = [];
    chart.clear(phases);
    document.querySelector("#load").textContent = `fib(${settings.n})`;
    document.querySelectorAll("#figures td").forEach((cell) => (cell.textContent = ""));
    verdict.textContent = "";
    for (const [index, phase] of phases.entries()) {
      progress.textContent = phase.path ? `Loading ${phase.path(settings.n)}` : "Measuring without load";
      const result = await runPhase(phase, settings, stop.signal, (at, ms) => chart.add(index, at, ms));
      results.push(result);
      show(index, result);
      chart.mark(index, quantile(result.pings, 0.99));
    }
    progress.textContent = "";
    verdict.textContent = judge(results, runtime);
    canvas.setAttribute("aria-label", `Time of each ping. ${verdict.textContent}`);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (stop) return stop.abort();
    stop = new AbortController();
    button.textContent = "Stop";
    try {
      await compare();
    } catch (error) {
      progress.textContent = stop.signal.aborted ? "Stopped." : `The comparison failed: ${error.message}.`;
    } finally {
      stop = undefined;
      button.textContent = "Compare";
    }
  });
}

function judge([, inline, pool], { reactors, workers }) {
  if (workers === 0) return "The worker pool is off, so both routes ran on the reactor.";
  const compared = (q) => {
    const [waited, free] = [inline, pool].map((result) => quantile(result.pings, q));
    const factor = waited / free;
    const less = factor < 2 ? "" : `: ${factor.toFixed(factor < 9.95 ? 1 : 0)} times less`;
    return { factor, text: `${duration(waited)} beside inline work and ${duration(free)} beside the pool${less}` };
  };
  const [p50, p99] = [compared(0.5), compared(0.99)];
  const hasMissed = reactors > 1 && p50.factor < 2;
  return `The median ping took ${p50.text}. At p99 it took ${p99.text}.`
    + (hasMissed ? ` With ${reactors} reactors the pings may have found one that was free.` : "");
}
