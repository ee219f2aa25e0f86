"""GCRA in Redis: one key, one number, which is the time of the first slot that nobody has. Not for other algorithms.

Source of the algorithm: ITU-T I.371 annex A, "virtual scheduling"; for leases see `domain/policies/lease_slots`.
"""

from typing import Final

GCRA: Final = """
local key = KEYS[1]
local step, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local cost, events, want, reach = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local over, back, mark = ARGV[7] == '1', tonumber(ARGV[8]), tonumber(ARGV[9])
local time = redis.call('TIME')
local now = (time[1] - 1735689600) * 16000000 + time[2] * 16
local stored = tonumber(redis.call('GET', key) or '0')
if back > 0 and stored == mark then stored = stored - back * step else back = 0 end
local due = now + tolerance
if stored > due + tolerance + step then stored = due + step end
local slot = math.max(stored, now)
local free = 0
if slot <= due then free = math.floor((due - slot) / step) + 1 end
local allowed = math.min(events, math.floor(free / cost))
slot = slot + allowed * cost * step
local left = free - allowed * cost
local first, lease = slot, 0
if want > 0 then
  local quarter = math.floor(left / 4)
  if quarter >= 8 then
    lease = math.min(math.max(want, math.ceil((now + reach - slot) / step)), quarter)
  end
  if (over or allowed < events) and slot <= due + reach / 2 then
    lease = math.max(lease, math.min(want, math.floor((due + reach - slot) / step)))
  end
end
slot = slot + lease * step
if allowed + lease + back > 0 then
  redis.call('SET', key, string.format('%.0f', slot), 'PX', math.ceil((slot - now) / 16000) + 1000)
end
return {allowed, lease, first, now, slot + (cost - 1) * step - tolerance, slot, math.max(0, left - lease)}
"""
"""ARGV: ticks between slots, tolerance; cost of an event, how many events; units to reserve, ticks to reserve for,
whether the key was over its limit lately; units to give back, and the stored number that they ended at.

A stored time that no series of events can have led to comes from a clock that was set back: the key is then full.
A quarter of what is left may be reserved at most, so that others are not refused; a key that is over its limit is
reserved for as well before its slots may be used, so that each of them does not cost a question.

Answers: events allowed, units reserved, the first of them, now, when the next event of that cost would be allowed,
when all would be, and how many units are left to others. Times are ticks.
"""
