"""A sliding window in Redis: one key, a list of when how many units were used. Not for other algorithms."""

from typing import Final

SLIDING: Final = """
local key = KEYS[1]
local count, window, grain = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local cost, events, want, reach = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local over, back, mark = ARGV[8] == '1', tonumber(ARGV[9]), tonumber(ARGV[10])
local time = redis.call('TIME')
local now = (time[1] - 1735689600) * 16000000 + time[2] * 16
local function entry(index)
  local text = redis.call('LINDEX', key, index)
  if not text then return nil end
  local at, units = string.match(text, '(%d+) (%d+)')
  return tonumber(at), tonumber(units)
end
local function text(at, units) return string.format('%.0f %.0f', at, units) end
local sum = tonumber(redis.call('LPOP', key) or '0')
local at, units = entry(0)
while at and at + window < now do
  redis.call('LPOP', key)
  sum = sum - units
  at, units = entry(0)
end
local last, held = entry(-1)
if last and last > now + window then
  redis.call('DEL', key)
  redis.call('RPUSH', key, text(now, sum))
  last, held = now, sum
end
local place = -1
while back > 0 and place >= -8 do
  at, units = entry(place)
  if not at or at < mark then break end
  if at == mark then
    back = math.min(back, units)
    sum = sum - back
    redis.call('LSET', key, place, text(at, units - back))
    back = 0
  end
  place = place - 1
end
last, held = entry(-1)
local function add(when, more)
  if more == 0 then return end
  sum = sum + more
  if grain > 0 then when = math.ceil(when / grain) * grain end
  if last and last >= when then
    held = held + more
    redis.call('LSET', key, -1, text(last, held))
  else
    last, held = when, more
    redis.call('RPUSH', key, text(last, held))
  end
end
local allowed = math.max(0, math.min(events, math.floor((count - sum) / cost)))
add(now, allowed * cost)
local left, lease = count - sum, 0
if want > 0 and left > 0 then
  lease = math.min(want, math.floor(left / 4))
  if lease < 8 then lease = 0 end
  if over then lease = math.min(want, left) end
end
add(now + reach, lease)
local again, index, gone = now, 0, sum - count + cost
while gone > 0 do
  at, units = entry(index)
  if not at then break end
  again, index, gone = at + window + 16, index + 1, gone - units
end
if want > 0 and allowed < events then again = math.max(again, now + reach) end
local full = last and last + window or now
if last then
  redis.call('LPUSH', key, string.format('%.0f', sum))
  redis.call('PEXPIRE', key, math.ceil((full - now) / 16000) + 1000)
end
return {allowed, lease, last or now, now, again, full, math.max(0, count - sum)}
"""
"""ARGV: units in a window, ticks of it, ticks within which units are counted together; the rest as for GCRA.

The list begins with the sum of all entries. Units that are reserved count from the end of the time in which they may
be used, and no entry is older than the one before it: what is counted leaves the window late, never early. Where
many units are counted, entries of one grain are one, so that the list has a bounded length. A key that is busy and
over its limit is looked at again after the time for which it would reserve, so that each unit that leaves the window
does not cost a question.

Answers as GCRA does; the first of the reserved units is the time by which all of them must be used.
"""
