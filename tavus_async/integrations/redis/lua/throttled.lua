-- Hears of a 429. The first of an epoch empties the bucket, voids all slots and tells everyone; each may pause longer.
local per_second, burst, pause = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
-- How many attempts were answered with one, and of the last of their slots; an epoch of 0 if they had none.
local count, epoch, index, slot_at = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
-- Seconds of refill that the first 429 costs: what is under way meets the same empty bucket.
local UNDER_WAY = 0.02

local state = load_state()
if not state then
  state = new_state(now)
  state.epoch = math.max(state.epoch, epoch)
end
local is_first = epoch == state.epoch
local was_paused = state.pause
state.pause = math.max(state.pause, now + pause)
if is_first then
  -- Slots that lie ahead are void: they were not sent.
  local rate = allowed_rate(state, now, per_second)
  if state.at > now and now >= state.hold then
    state.granted = state.granted - math.floor((state.at - now) * rate)
  end
  for _, name in ipairs({'full', 'empty', 'mark', 'older_mark'}) do
    state['before_' .. name .. '_at'], state['before_' .. name .. '_count'] = state[name .. '_at'], state[name .. '_count']
    state[name .. '_at'], state[name .. '_count'] = 0, 0
  end
  state.before_rate, state.before_burst = rate, burst - find_floor(state, now, burst)
  state.before_learned = (state.rate_base or 0) > 0 and 1 or 0
  state.refused, state.last_index, state.last_at = count, index, slot_at
  state.empty_at, state.empty_count = slot_at, state.granted - state.refunded
  state.mark_at, state.mark_count = now, state.empty_count
  state.epoch, state.refused_at = state.epoch + 1, now
  empty_bucket(state, burst, math.max(now + UNDER_WAY, state.hold))
elseif epoch == state.epoch - 1 then
  state.refused = state.refused + count
  if index > state.last_index then
    state.last_index, state.last_at, state.empty_at = index, slot_at, math.max(state.empty_at, slot_at)
  end
end
state.touched = now
save_state(state)
if is_first or state.pause > was_paused then
  redis.call('PUBLISH', CHANNEL, text(state.epoch) .. ' ' .. text(math.max(0, state.pause - now)))
end
return {is_first and 1 or 0, text(now), text(state.epoch), text(math.max(0, state.pause - now))}
