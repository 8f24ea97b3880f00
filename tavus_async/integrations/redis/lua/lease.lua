-- Gives slots to a member that asks for them, and hears of it what it did with its last ones.
local per_second, burst, horizon = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local member, wanted = ARGV[4], tonumber(ARGV[5])
-- What the member takes this clock to show now, and for how many seconds it waits for an answer; -1 if it knows not.
local expected, patience = tonumber(ARGV[6]), tonumber(ARGV[7])
-- By how many seconds it has found the clock ahead of what it was; 0 if it was not.
local shift = tonumber(ARGV[8])
-- How many seconds ago its last slot was, negative where it lies ahead; a very large number if it never had one.
local granted_ago = tonumber(ARGV[9])
-- Whether it could not reach this server lately, and how many attempts it has made on its own share meanwhile.
local was_cut_off, own = ARGV[10] == '1', tonumber(ARGV[11])
-- How many slots it has not used, the time of the first of them, and their epoch.
local unused, unused_since, unused_epoch = tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])

-- Seconds: of a hold; for which one counts as active; a server that is up no longer may have lost its state.
local HOLD, ACTIVE_FOR, JUST_STARTED = 1, 1, 2
-- Seconds: what was written later than this has been written by another clock.
local BACK = 0.25
-- A member that has not been active gets no more than one of so many parts, whoever else is there.
local FIRST_PARTS = 4

-- A request that nobody waits for any more is given nothing; nor is one whose sender goes by another clock.
if expected >= 0 and (now - expected > patience or expected - now > patience) then
  return {'clock', text(now)}
end

local state = load_state()
if state and state.touched - now > BACK then shift_state(state, now - state.touched) end
if state and shift ~= 0 and math.abs(state.touched + shift - now) < math.abs(state.touched - now) then
  shift_state(state, shift)
end

local last_seen = tonumber(redis.call('ZSCORE', MEMBERS_KEY, member) or '0')
redis.call('ZADD', MEMBERS_KEY, text(now), member)
redis.call('ZREMRANGEBYSCORE', MEMBERS_KEY, '-inf', '(' .. text(now - MEMBER_FOR))
local members = redis.call('ZCARD', MEMBERS_KEY)
local active = redis.call('ZCOUNT', MEMBERS_KEY, text(now - ACTIVE_FOR), '+inf')
redis.call('EXPIRE', MEMBERS_KEY, 2 * MEMBER_FOR)

-- Those who want more than they have, with the time of their last slot: so long they need not be heard of.
local last_slot = tonumber(redis.call('ZSCORE', WANTING_KEY, member) or '0')
redis.call('ZREM', WANTING_KEY, member)
redis.call('ZREMRANGEBYSCORE', WANTING_KEY, '-inf', '(' .. text(now - MEMBER_FOR))

local function just_started()
  local found = redis.pcall('INFO', 'server')
  local uptime = type(found) == 'string' and tonumber(string.match(found, 'uptime_in_seconds:(%d+)'))
  return not uptime or uptime < JUST_STARTED
end

local function hold_all(known)
  state.hold, state.held = now + math.max(HOLD, -granted_ago), known and now or 0
  empty_bucket(state, burst, state.hold)
end

local function keep_wanting(until_)
  redis.call('ZADD', WANTING_KEY, text(until_), member)
  redis.call('EXPIRE', WANTING_KEY, 2 * MEMBER_FOR)
end

if not state then
  state = new_state(now)
  if granted_ago < MEMBER_FOR or just_started() then hold_all(false) end
elseif was_cut_off and now - state.touched > horizon and now >= state.hold then
  hold_all(true)
end
state.touched = now

-- Those of the member's own host that a part is kept back for: it may see that their processes are gone.
local silent = {}

local function answer(kind, rate, seconds)
  save_state(state)
  local names = table.concat(silent, ' ')
  return {kind, text(now), text(state.epoch), text(rate), active, members, text(seconds), names}
end

local rate = allowed_rate(state, now, per_second)
if now < state.hold then
  -- Once all who wanted something have been heard of again, nobody is on a share of his own unheard of.
  if state.held > 0 and redis.call('ZCOUNT', WANTING_KEY, '-inf', '(' .. text(state.held)) == 0 then
    empty_bucket(state, burst, now)
    state.hold = now
  else
    -- Slots may be held that were given before the state was lost.
    if state.held == 0 and now - granted_ago > state.hold then hold_all(false) end
    keep_wanting(now)
    return answer('hold', rate, state.hold - now)
  end
end
if now < state.pause then return answer('pause', rate, state.pause - now) end

-- Of those who wanted more and have fallen silent, each goes on with a share of his own, which is kept back. After a
-- pause and a hold all are silent.
local silent_since = now - horizon / 2
local kept_back = 0
if silent_since > math.max(state.pause, state.hold) then
  kept_back = redis.call('ZCOUNT', WANTING_KEY, '-inf', '(' .. text(silent_since))
end
local host = string.match(member, '^%x+%.')
if kept_back > 0 and host then
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', WANTING_KEY, '-inf', '(' .. text(silent_since))) do
    if string.sub(name, 1, #host) == host then silent[#silent + 1] = name end
  end
end
local leak = rate * (1 - math.min(kept_back, members - 1) / members)
local was_kept_back = last_slot > 0 and last_slot < silent_since

local floor = find_floor(state, now, burst)
-- The level now, or at the latest slot where that is ahead.
local start = math.max(now, state.at)
local level = find_level(state, start, leak, floor)

if was_cut_off and own > 0 and not was_kept_back then level = math.max(level, math.min(burst, level + own)) end

if unused > 0 and unused_epoch == state.epoch then
  level = level - credit_unused(state, level, floor, unused, unused_since)
end

local parts = (now - last_seen < ACTIVE_FOR) and active or math.max(active, FIRST_PARTS)
local share = math.max(1, math.floor(rate * horizon / parts))
-- `fair` is what each active member would have been given if all had got the same. Who has had more gets less for a
-- while, and who less gets more; but nobody has a claim to, or owes, more than a burst.
-- What was before the bucket was full is forgotten.
if level - floor <= ROUNDING then
  redis.call('DEL', GIVEN_KEY)
  state.fair_full = state.fair
end
local given_before = tonumber(redis.call('ZSCORE', GIVEN_KEY, member) or text(state.fair_full)) - unused
given_before = math.min(math.max(given_before, state.fair - burst), state.fair + burst)
local due = math.floor(share - (given_before - state.fair) + 0.5)
local count = math.min(wanted, math.max(due, math.ceil(share / 2), 1), math.max(1, math.floor(share * 1.5)))
if count <= 0 then
  if wanted > 0 then keep_wanting(now) end
  return answer('slots', rate, 0)
end

-- Where the refill goes on from, and what the first slot lacks there.
local origin = math.max(start, state.from)
if level - floor <= ROUNDING then
  local full_for = start - state.from - (state.level - floor) / leak
  origin = math.max(origin, start + math.min(math.max(0, full_for), HEAD_START))
  state.full_at, state.full_count = start, state.granted - state.refunded
  state.window_at, state.older_at, state.older_low = start, start, burst
  state.window_low = count > 1 and math.min(1, burst - 1 - floor) or burst
else
  if start - state.window_at > WINDOW then
    state.older_at, state.older_low = state.window_at, state.window_low
    state.window_at, state.window_low = start, burst
  end
  local low = math.min(level, burst - 1) - floor
  state.window_low, state.older_low = math.min(state.window_low, low), math.min(state.older_low, low)
end
if start - state.mark_at > MARK_EVERY then
  state.older_mark_at, state.older_mark_count = state.mark_at, state.mark_count
  state.mark_at, state.mark_count = start, state.granted - state.refunded
end
local lacks = level + 1 - burst
local index = state.granted + 1
state.granted = state.granted + count
-- Drawn towards what the member was given before, it stays the mean as members come and go.
state.fair = state.fair + ((given_before - state.fair) / 2 + count) / active
redis.call('ZADD', GIVEN_KEY, text(given_before + count), member)
redis.call('ZREMRANGEBYSCORE', GIVEN_KEY, '-inf', text(state.fair - burst))
redis.call('EXPIRE', GIVEN_KEY, 2 * MEMBER_FOR)

local last_lacks = lacks + count - 1
if last_lacks <= ROUNDING then
  state.at, state.from, state.level = start, origin, level + count
else
  state.at = math.max(start, origin + last_lacks / leak)
  state.from, state.level = state.at, burst
end
if wanted > count or state.at > now + ROUNDING then keep_wanting(state.at) end
local given = answer('slots', rate, 0)
for _, number in ipairs({count, start, origin, lacks, leak, index, burst - level}) do given[#given + 1] = text(number) end
return given
