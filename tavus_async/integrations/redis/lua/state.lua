-- What all members share, and how it changes with time. The keys lie in one hash slot.
--
-- The level counts attempts from below, as a leaky bucket: `level` is its height just after the latest slot that was
-- given out, whose time is `at`; it leaks from `from` on, down to the floor, which is what a learned burst lacks of the
-- configured one. A slot may lie ahead of now. The next is never before the latest, and is where one more fits in.
local RATE_KEY, MEMBERS_KEY, WANTING_KEY, GIVEN_KEY, CHANNEL = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- Seconds. Members are counted for as long; the state of a fleet that sleeps is kept for as long.
local MEMBER_FOR, KEPT_FOR = 60, 3600
-- Seconds by which the refill begins late, after the bucket was full for as long or longer.
local HEAD_START = 0.05
-- Seconds without a 429 after which the configured burst is tried again.
local BURST_FORGOTTEN = 600
-- Seconds: of a window of refunds, and between the moments from which on admissions are counted.
local WINDOW, MARK_EVERY = 0.5, 5
-- Of an attempt: what the sums of floats may be wrong by.
local ROUNDING = 1e-9

-- Those that are points in time, and those that are not.
local TIMES = {
  'at', 'from', 'pause', 'hold', 'held', 'touched', 'rate_since', 'refused_at', 'full_at', 'empty_at', 'last_at',
  'window_at', 'older_at', 'mark_at', 'older_mark_at',
  'before_full_at', 'before_empty_at', 'before_mark_at', 'before_older_mark_at',
}
local NUMBERS = {
  'level', 'epoch', 'rate_base', 'rate_doubled', 'learned_burst', 'granted', 'full_count', 'empty_count', 'refunded',
  'fair', 'fair_full', 'refused', 'last_index', 'window_low', 'older_low', 'mark_count', 'older_mark_count',
  'before_full_count', 'before_empty_count', 'before_mark_count', 'before_older_mark_count', 'before_rate',
  'before_burst', 'before_learned',
}
local FIELDS = {}
for _, names in ipairs({TIMES, NUMBERS}) do
  for _, name in ipairs(names) do FIELDS[#FIELDS + 1] = name end
end

local function text(number) return string.format('%.17g', number) end

-- What is stored. Only what differs from it is written, since to write numbers takes longest of all.
local stored = {}

local function load_state()
  local values = redis.call('HMGET', RATE_KEY, unpack(FIELDS))
  local state = {}
  for position, name in ipairs(FIELDS) do
    if values[position] then
      local number = tonumber(values[position])
      state[name], stored[name] = number, number
    end
  end
  return state.level and state or nil
end

local function save_state(state)
  local changed = {}
  for _, name in ipairs(FIELDS) do
    if state[name] and state[name] ~= stored[name] then
      changed[#changed + 1] = name
      changed[#changed + 1] = text(state[name])
    end
  end
  if #changed > 0 then redis.call('HSET', RATE_KEY, unpack(changed)) end
  redis.call('EXPIRE', RATE_KEY, KEPT_FOR)
end

-- A state in which nothing has been given out, and the bucket is full.
local function new_state(now)
  local state = {}
  for _, name in ipairs(FIELDS) do state[name] = 0 end
  for _, name in ipairs({'at', 'touched', 'full_at', 'mark_at', 'older_mark_at', 'window_at', 'older_at'}) do
    state[name] = now
  end
  -- Later epochs have higher numbers, also where the state was lost in between.
  state.from, state.epoch = now - HEAD_START, math.floor(now)
  return state
end

-- All times as a server has them whose clock is ahead by so many seconds.
local function shift_state(state, seconds)
  for _, name in ipairs(TIMES) do
    if state[name] and state[name] > 0 then state[name] = state[name] + seconds end
  end
  for _, key in ipairs({MEMBERS_KEY, WANTING_KEY}) do
    local found = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for position = 1, #found, 2 do
      redis.call('ZADD', key, text(tonumber(found[position + 1]) + seconds), found[position])
    end
  end
end

-- The rate that is allowed: the learned one, which grows with the square of time, up to the configured one.
local function allowed_rate(state, now, per_second)
  if not state.rate_base or state.rate_base <= 0 then return per_second end
  local growth = math.max(0, now - state.rate_since) / state.rate_doubled
  local rate = state.rate_base * (1 + growth * growth)
  if rate < per_second then return rate end
  state.rate_base = 0
  return per_second
end

-- The level at which the bucket counts as full: above 0 where a smaller burst was learned.
local function find_floor(state, now, burst)
  if not state.learned_burst or state.learned_burst <= 0 then return 0 end
  if now - state.refused_at > BURST_FORGOTTEN then
    state.learned_burst = 0
    return 0
  end
  return math.max(0, burst - state.learned_burst)
end

-- Empties the bucket: the next slot is `seconds` of refill after *from*.
local function empty_bucket(state, burst, from)
  state.level, state.at, state.from = burst, from, from
  state.window_at, state.window_low, state.older_at, state.older_low = from, burst, from, burst
end

-- The level at *moment*, which is now, or at the latest slot where that is ahead.
local function find_level(state, moment, leak, floor)
  return math.max(state.level - leak * math.max(0, moment - state.from), floor)
end

-- Lowers the level by one for each slot that was not used, of which the first was at *since*; not by more than the
-- level has been since then at the least, since what leaks from an empty bucket is nobody's. Returns by how much.
local function credit_unused(state, level, floor, unused, since)
  local low = 0
  if since >= state.window_at then
    low = state.window_low
  elseif since >= state.older_at then
    low = math.min(state.window_low, state.older_low)
  end
  local credit = math.max(0, math.min(unused, low, level - floor))
  state.level = state.level - credit
  state.window_low, state.older_low = state.window_low - credit, state.older_low - credit
  state.refunded = state.refunded + unused
  return credit
end
