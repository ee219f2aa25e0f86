"""A quota in Redis: one key, the units used in a day or month of the calendar. Not for other algorithms."""

from typing import Final

QUOTA: Final = """
local key = KEYS[1]
local count, period = tonumber(ARGV[1]), ARGV[2]
local cost, events, want = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local back, mark = tonumber(ARGV[8]), tonumber(ARGV[9])
local time = redis.call('TIME')
local now = (time[1] - 1735689600) * 16000000 + time[2] * 16
local day = math.floor(time[1] / 86400)
local start, finish = day, day + 1
if period == 'month' then
  local shifted = day + 719468
  local era = math.floor(shifted / 146097)
  local of_era = shifted - era * 146097
  local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
    - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)
  local first = math.floor((153 * month + 2) / 5)
  start = day - (of_year - first)
  finish = start + math.floor((153 * (month + 1) + 2) / 5) - first
  if month == 11 then
    local next = era * 400 + year + 1
    local leap = (next % 4 == 0 and next % 100 ~= 0) or next % 400 == 0
    finish = start + (leap and 29 or 28)
  end
end
local ends = (finish * 86400 - 1735689600) * 16000000
local used, keep = 0, ends - now
local began, stored = string.match(redis.call('GET', key) or '', '(%d+) (%d+)')
if began and tonumber(began) >= start then
  keep = keep + (tonumber(began) - start) * 86400 * 16000000
  start, used = tonumber(began), tonumber(stored)
end
if mark == ends then used = math.max(0, used - back) else back = 0 end
local allowed = math.max(0, math.min(events, math.floor((count - used) / cost)))
used = used + allowed * cost
local lease = math.max(0, math.min(want, math.floor((count - used) / 4)))
if lease < 8 then lease = 0 end
used = used + lease
if allowed + lease + back > 0 then
  redis.call('SET', key, string.format('%.0f %.0f', start, used), 'PX', math.ceil(keep / 16000) + 1000)
end
local left = math.max(0, count - used)
return {allowed, lease, ends, now, left >= cost and now or ends, ends, left}
"""
"""ARGV: units in a period, `day` or `month`; the rest as for GCRA. The calendar is that of UTC.

What is stored for a period that has not begun comes from a clock that was set back: it goes on counting.
Months after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.

Answers as the sliding window does: reserved units must be used before the period ends.
"""
