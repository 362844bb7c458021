-- Quotes for wrk: baskets by number (baskets.py says how), and what came of it as one line of JSON.
--   BENCH_BASKET, BENCH_LINE   formats to fill in
--   BENCH_LINES                lines of a basket
--   BENCH_FIRST                number of the first basket
--   BENCH_DIFFERENT            how many baskets take turns; 0: each is another
--   BENCH_KEY                  API key, empty for none

local basket_format, line_format = os.getenv("BENCH_BASKET"), os.getenv("BENCH_LINE")
local lines = tonumber(os.getenv("BENCH_LINES"))
local first = tonumber(os.getenv("BENCH_FIRST"))
local different = tonumber(os.getenv("BENCH_DIFFERENT"))
local headers = {["Content-Type"] = "application/json"}
local key = os.getenv("BENCH_KEY")
if key ~= "" then headers["X-API-Key"] = key end

local function body_of(number)
  local texts = {}
  for place = 1, lines do
    local cents = 500 + (number * 7 + place * 13) % 5000
    texts[place] = line_format:format(place, 1 + (number + place) % 9, math.floor(cents / 100), cents % 100)
  end
  return basket_format:format(number, table.concat(texts, ","))
end

local sent = 0
local kept = {}

function request()
  local turn = sent
  sent = sent + 1
  if different == 0 then return wrk.format("POST", nil, headers, body_of(first + turn)) end
  turn = turn % different
  local ready = kept[turn]
  if not ready then
    ready = wrk.format("POST", nil, headers, body_of(first + turn))
    kept[turn] = ready
  end
  return ready
end

function done(summary, latency, requests)
  local failed = summary.errors
  local refused = failed.status
  local broken = failed.connect + failed.read + failed.write + failed.timeout
  io.write(string.format(
    'LOAD {"requests":%d,"seconds":%.6f,"p50_us":%.1f,"p99_us":%.1f,"max_us":%.1f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max,
    refused, broken))
end
