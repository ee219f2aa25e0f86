-- Requests of the workload `policy` for wrk: one for each token in the file that is named after `--`, in turn.
-- Written out once, so that making them costs the load generator next to nothing.
local requests, turn = {}, 0

function init(args)
  for token in io.lines(args[1]) do
    local fields = {
      ["Host"] = "api.example.com",
      ["Authorization"] = "Bearer " .. token,
      ["X-Tenant"] = "acme",
      ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) bench",
      ["Accept"] = "application/json",
    }
    requests[#requests + 1] = wrk.format("GET", "/v1/users/" .. #requests .. "?page=1", fields)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
