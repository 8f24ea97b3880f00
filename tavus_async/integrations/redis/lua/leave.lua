-- Says goodbye: the share is free at once, and slots that lie ahead are given back.
local per_second, burst, member = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local unused, unused_since, unused_epoch = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

redis.call('ZREM', MEMBERS_KEY, member)
redis.call('ZREM', WANTING_KEY, member)
redis.call('ZREM', GIVEN_KEY, member)
local state = load_state()
if state and unused > 0 and unused_epoch == state.epoch then
  local floor = find_floor(state, now, burst)
  local level = find_level(state, math.max(now, state.at), allowed_rate(state, now, per_second), floor)
  credit_unused(state, level, floor, unused, unused_since)
  save_state(state)
end
return 1
