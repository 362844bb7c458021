-- Orders in a flash sale for wrk (orders.py says how), and what came of it as one line of JSON.
--   BENCH_ORDER   format of a body, with a place for the customer's number
--   BENCH_FIRST   number of the first customer
--   BENCH_KEY     API key

local order, first = os.getenv("BENCH_ORDER"), tonumber(os.getenv("BENCH_FIRST"))
local headers = {["Content-Type"] = "application/json", ["X-API-Key"] = os.getenv("BENCH_KEY")}
local sent = 0
local threads = {}
statuses = {}

function setup(thread) table.insert(threads, thread) end

function request()
  local number = first + sent
  sent = sent + 1
  headers["Idempotency-Key"] = string.format("order-%d", number)
  return wrk.format("POST", nil, headers, order:format(number))
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function done(summary, latency, requests)
  local seen = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do seen[status] = (seen[status] or 0) + count end
  end
  local shown = {}
  for status, count in pairs(seen) do table.insert(shown, string.format('"%d":%d', status, count)) end
  local failed = summary.errors
  io.write(string.format(
    'LOAD {"seconds":%.6f,"p50_us":%.1f,"p99_us":%.1f,"max_us":%.1f,"statuses":{%s},"broken":%d}\n',
    summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max, table.concat(shown, ","),
    failed.connect + failed.read + failed.write + failed.timeout))
end
