-- Keeps what a member has learned of the 429s that ended an epoch, unless another epoch has ended since.
local epoch, rate, doubled_after, learned_burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local state = load_state()
if not state or state.epoch ~= epoch then return 0 end
if rate > 0 then state.rate_base, state.rate_since, state.rate_doubled = rate, now, doubled_after end
if learned_burst > 0 then state.learned_burst = learned_burst end
save_state(state)
return 1
