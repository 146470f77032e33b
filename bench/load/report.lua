-- For wrk: sends batches of pipelined requests if a depth is given, and prints the result as JSON.
--
--   wrk … -s report.lua URL -- [depth]
--
-- Without a depth the request is static, which costs wrk the least. Latencies are in
-- microseconds; with a depth they are meaningless.

function init(args)
  local depth = tonumber(args[1] or "1")
  if depth == 1 then
    return
  end
  local one = wrk.format()
  local batch = string.rep(one, depth)
  request = function()
    return batch
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "p50_us": %.1f, "p99_us": %.1f, "errors": ' ..
      '{"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
