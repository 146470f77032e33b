// Requests with their duration, and statistics of many durations.

/**
 * Sends a request and reads its response.
 * The time is measured on the wire, from the request to the last octet of the response, if the
 * browser reports it; so other work of this page does not count.
 */
export async function timed(path, options = {}) {
  const began = performance.now();
  const response = await fetch(path, { cache: "no-store", ...options });
  const content = await response.text();
  const ended = performance.now();
  const entry = performance.getEntriesByName(response.url).findLast((e) => e.startTime >= began);
  performance.clearResourceTimings();
  const isTold = entry !== undefined && entry.requestStart > 0;
  const ms = isTold ? entry.responseEnd - entry.requestStart : ended - began;
  return { response, content, ms };
}

/** The value that the share `q` of the numbers does not exceed; undefined without numbers. */
export function quantile(numbers, q) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

/** 42 µs, 0.42 ms, 4.2 ms, 42 ms, 1.2 s. */
export function duration(ms) {
  if (ms === undefined) return "";
  if (ms < 0.0995) return `${(ms * 1000).toFixed(0)} µs`;
  const figures = (value) => value.toFixed(value < 0.995 ? 2 : value < 9.95 ? 1 : 0);
  return ms < 999.5 ? `${figures(ms)} ms` : `${figures(ms / 1000)} s`;
}

export const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));
