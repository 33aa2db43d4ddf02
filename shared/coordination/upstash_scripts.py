"""What Redis does in one step for us: Lua scripts, each atomic on the server, none longer than its keys ask for.

Keys come through KEYS wherever they are known before; only a hold says by itself which spends it is held under. Money is
whole nano-USD, exact up to 2**53 (9 million USD); moments are Unix seconds. A spend is a hash of `c` (committed) and `r`
(reserved); a hold one of `a` (amount), `u` (until), `x` (1: ran out and given back) and `k` (the keys of its spends);
`live` and `overdue` are the holds' ids sorted by `u`. Nothing here deletes by DEL: UNLINK and expiry do.
"""

from dataclasses import dataclass, field
from hashlib import sha1

SPEND_KEPT = 40 * 86_400
"""Seconds after its last change that a spend is kept (keys carry their day)."""
HOLD_KEPT = 2 * 86_400
"""Seconds after its expiry that a hold can still be settled."""
ONCE_KEPT = 3_600
"""Seconds that a named addition is known."""
LOST_KEPT = 50 * 3_600
"""Seconds after a loss that absent spends are asked for: the longest calendar day, twice."""
_RELEASED = 1_000
"""How many holds one script gives back; more of them count until the next one comes."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the name the server knows it by."""

    body: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha", sha1(self.body.encode(), usedforsecurity=False).hexdigest())


_MONEY = f"""
local function moment(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] + time[2] / 1000000
end
local function exact(number) return string.format('%.17g', number) end
local function whole(value) return value and #value <= 16 and string.match(value, '^%d+$') end
-- What a spend has committed and reserved; nil where there is none, false where something else is there: whoever wrote it,
-- it is no word on money, and the ledger is asked.
local function sound(spend)
  local kind = redis.call('TYPE', spend).ok
  if kind == 'none' then return nil end
  local found = kind == 'hash' and redis.call('HMGET', spend, 'c', 'r') or {{}}
  if whole(found[1]) and whole(found[2]) then return found[1], found[2] end
  return false
end
-- A spend that is not there stays so: with a bill alone it would look as if that were all.
local function charge(spend, committed, back)
  if not sound(spend) then return end
  if committed ~= '0' then redis.call('HINCRBY', spend, 'c', committed) end
  if back ~= '0' then
    local left = tonumber(redis.call('HGET', spend, 'r') or '0') - tonumber(back)
    redis.call('HSET', spend, 'r', string.format('%.0f', math.max(0, left)))
  end
  redis.call('EXPIRE', spend, {SPEND_KEPT})
end
local function release(live, overdue, prefix, now)
  local out = redis.call('ZRANGEBYSCORE', live, '-inf', exact(now), 'LIMIT', 0, {_RELEASED})
  for _, id in ipairs(out) do
    local found = redis.call('HMGET', prefix .. id, 'a', 'u', 'k')
    if found[1] then
      for _, spend in ipairs(cjson.decode(found[3])) do charge(spend, '0', found[1]) end
      redis.call('HSET', prefix .. id, 'x', '1')
      redis.call('ZADD', overdue, found[2], id)
    end
    redis.call('ZREM', live, id)
  end
end
"""

_GRANT = f"""
-- KEYS from k on: live, overdue, since, the hold, its spends. ARGV from a on: now, whether absent spends are asked for,
-- the holds' prefix, id, amount, ttl, one limit a spend.
local function grant(k, a)
  local live, overdue, hold, id = KEYS[k], KEYS[k + 1], KEYS[k + 3], ARGV[a + 3]
  local now, amount = moment(ARGV[a]), ARGV[a + 4]
  release(live, overdue, ARGV[a + 2], now)
  local known = redis.call('HMGET', hold, 'x', 'u')
  if known[1] == '0' and tonumber(known[2]) > now then return {{'held'}} end
  if ARGV[a + 1] == '1' then
    local since = redis.call('GET', KEYS[k + 2])
    local lost, absent = not since or tonumber(since) > now, {{'absent'}}
    for i = k + 4, #KEYS do
      local there = sound(KEYS[i])
      if there == false or not there and (lost or i == k + 4) then absent[#absent + 1] = tostring(i - k - 4) end
    end
    if #absent > 1 or not since then return absent end
  end
  for i = k + 4, #KEYS do
    local committed, reserved = sound(KEYS[i])
    if committed == false then redis.call('UNLINK', KEYS[i]) end
    local total = tonumber(committed or '0') + tonumber(reserved or '0') + tonumber(amount)
    if total > tonumber(ARGV[a + 2 + i - k]) then return {{'refused', tostring(i - k - 4)}} end
  end
  local spends = {{}}
  for i = k + 4, #KEYS do
    spends[#spends + 1] = KEYS[i]
    redis.call('HSETNX', KEYS[i], 'c', '0')
    redis.call('HINCRBY', KEYS[i], 'r', amount)
    redis.call('EXPIRE', KEYS[i], {SPEND_KEPT})
  end
  local till = exact(now + tonumber(ARGV[a + 5]))
  redis.call('HSET', hold, 'a', amount, 'u', till, 'x', '0', 'k', cjson.encode(spends))
  redis.call('EXPIRE', hold, {SPEND_KEPT})
  redis.call('ZADD', live, till, id)
  redis.call('ZREM', overdue, id)
  return {{'held'}}
end
"""

RESERVE = Script(_MONEY + _GRANT + "return grant(1, 1)")

LOOK = Script(
    _MONEY
    + _GRANT
    + """
local count, marks = tonumber(ARGV[1]), tonumber(ARGV[2])
local values = {}
if count > 0 then values = redis.call('MGET', unpack(KEYS, 1, count)) end
for i = 3, 2 + marks do
  if values[tonumber(ARGV[i])] then return {values, {'unasked'}} end
end
return {values, grant(count + 1, 3 + marks)}
"""
)
"""KEYS: the values', then as `grant`. ARGV: how many values, how many of them stand in the way, their places, as `grant`."""

SEED = Script(
    _MONEY
    + f"""
local now, since = moment(ARGV[1]), redis.call('GET', KEYS[1])
local lost = not since
for i = 2, #KEYS do
  if not sound(KEYS[i]) then
    redis.call('UNLINK', KEYS[i])
    redis.call('HSET', KEYS[i], 'c', ARGV[1 + i], 'r', '0')
    redis.call('EXPIRE', KEYS[i], {SPEND_KEPT})
    if i == 2 and ARGV[2] == '1' and tonumber(ARGV[1 + i]) > 0 then lost = true end
  end
end
if lost then redis.call('SET', KEYS[1], exact(now + {LOST_KEPT})) end
return 1
"""
)
"""KEYS: since, spends. ARGV: now, whether the first spend is the account's, what each has committed."""

SETTLE = Script(
    _MONEY
    + """
local count, unknown = tonumber(ARGV[1]), {}
for i = 1, count do
  local hold, id, bill = KEYS[2 + i], ARGV[2 * i + 1], ARGV[2 * i + 2]
  local found = redis.call('HMGET', hold, 'a', 'x', 'k')
  if found[1] then
    for _, spend in ipairs(cjson.decode(found[3])) do charge(spend, bill, found[2] == '1' and '0' or found[1]) end
    redis.call('UNLINK', hold)
    redis.call('ZREM', KEYS[1], id)
    redis.call('ZREM', KEYS[2], id)
  else
    unknown[#unknown + 1] = id
  end
end
for i = 3 + count, #KEYS do
  redis.call('SET', KEYS[i], ARGV[i + count], 'PX', ARGV[2])
end
return unknown
"""
)
"""KEYS: live, overdue, holds, values. ARGV: how many holds, milliseconds, an id and a bill a hold, the values."""

SPEND = Script(
    _MONEY
    + """
release(KEYS[1], KEYS[2], ARGV[2], moment(ARGV[1]))
local found = {}
for i = 3, #KEYS do
  local committed, reserved = sound(KEYS[i])
  found[#found + 1] = {committed or '0', reserved or '0'}
end
return found
"""
)
"""KEYS: live, overdue, spends. ARGV: now, the holds' prefix."""

CORRECT = Script(
    _MONEY
    + f"""
release(KEYS[1], KEYS[2], ARGV[2], moment(ARGV[1]))
local committed, reserved = sound(KEYS[3])
if (committed or '0') ~= ARGV[3] or (reserved or '0') ~= ARGV[4] then return 0 end
if committed == false then redis.call('UNLINK', KEYS[3]) end
redis.call('HSET', KEYS[3], 'c', ARGV[5], 'r', ARGV[4])
redis.call('EXPIRE', KEYS[3], {SPEND_KEPT})
return 1
"""
)
"""KEYS: live, overdue, the spend. ARGV: now, the holds' prefix, committed and reserved as seen, committed from now on."""

OVERDUE = Script(
    _MONEY
    + """
local now = moment(ARGV[1])
release(KEYS[1], KEYS[2], ARGV[2], now)
local found = redis.call('ZRANGE', KEYS[2], 0, ARGV[3] - 1, 'WITHSCORES')
for i = 2, #found, 2 do found[i] = exact(now - tonumber(found[i])) end
return found
"""
)
"""KEYS: live, overdue. ARGV: now, the holds' prefix, how many."""

SWEEP = Script(
    _MONEY
    + f"""
local now = moment(ARGV[1])
release(KEYS[1], KEYS[2], ARGV[2], now)
local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', exact(now - {HOLD_KEPT}), 'LIMIT', 0, ARGV[3])
for _, id in ipairs(old) do
  redis.call('UNLINK', ARGV[2] .. id)
  redis.call('ZREM', KEYS[2], id)
end
return #old
"""
)
"""As OVERDUE."""

PUT = Script("for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[1 + i], 'PX', ARGV[1]) end return 1")
"""KEYS: values. ARGV: milliseconds, the values."""

SWAP = Script("""
local found = redis.call('GET', KEYS[1])
if (found or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('UNLINK', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
""")
"""KEYS: the value's. ARGV: expected and wanted ('': none), milliseconds."""

ADD = Script(f"""
local ttl, fresh, totals = ARGV[1], true, {{}}
if ARGV[2] == '1' then fresh = redis.call('SET', KEYS[1], '1', 'EX', {ONCE_KEPT}, 'NX') ~= false end
for i = 1, (#KEYS - 3) / 2 do
  local lasting, timed = KEYS[2 * i + 2], KEYS[2 * i + 3]
  local area, key, delta = ARGV[3 * i], ARGV[3 * i + 1], ARGV[3 * i + 2]
  local is_timed
  local kind = redis.call('TYPE', lasting).ok
  if kind ~= 'hash' and kind ~= 'none' then redis.call('UNLINK', lasting) end -- somebody else's value: counting goes on
  if ttl == '' then is_timed = redis.call('EXISTS', timed) == 1
  else is_timed = redis.call('HEXISTS', lasting, key) == 0 end
  if not fresh then
    totals[i] = (is_timed and redis.call('GET', timed) or redis.call('HGET', lasting, key)) or '0'
  elseif is_timed then
    totals[i] = redis.call('INCRBYFLOAT', timed, delta)
    if redis.call('PTTL', timed) == -1 then redis.call('PEXPIRE', timed, ttl) end
    redis.call('SADD', KEYS[3], area)
  else
    local total = redis.pcall('HINCRBYFLOAT', lasting, key, delta)
    if type(total) == 'table' then redis.call('HSET', lasting, key, delta) end
    totals[i] = type(total) == 'table' and delta or total
    redis.call('SADD', KEYS[2], area)
  end
end
return totals
""")
"""KEYS: once, lasting areas, timed areas, and a counter's two places each. ARGV: milliseconds or '', whether it is named;
area, key and delta each."""

TOTALS = Script("""
local prefix, area, found, timed = ARGV[1], ARGV[2], {}, 0
local function within(name) return string.sub(name, 1, #prefix) == prefix end
local function fitting(name) return area ~= '' and name == area or area == '' and within(name) end
for _, name in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  if fitting(name) then timed = 1 end
end
local areas = {area}
if area == '' then areas = redis.call('SMEMBERS', KEYS[1]) end
for _, name in ipairs(areas) do
  if fitting(name) then
    local all = redis.call('HGETALL', ARGV[3] .. name)
    for i = 1, #all, 2 do
      if within(all[i]) then
        found[#found + 1] = all[i]
        found[#found + 1] = all[i + 1]
      end
    end
  end
end
return {timed, found}
""")
"""KEYS: lasting areas, timed areas. ARGV: the prefix, its area ('': any that begins so), the areas' own prefix."""

APPEND = Script("""
for i = 2, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
""")
"""KEYS: the log. ARGV: milliseconds, the items."""
