-- Calibration of the verdict, at full counts: how often is luck called luck, and skill not?
--
--     make bench-luck            200 studies of each noise, 100 of each planted world
--
-- Budget: "luck" in at least 90 % of the studies without skill, and in at most 20 % of those with a
-- planted annual Sharpe ratio of 1.5 (spec/support/luck_studies.lua has the worlds). The world
-- "trend" has no budget: all its rules have skill, so which of them is best is luck indeed, and
-- the probability of overfitting says so.

package.path = "./?.lua;" .. package.path
local luck_studies = require "spec.support.luck_studies"

local WORLDS = {
    { "independent", 200, least = 0.9 }, { "field", 200, least = 0.9 },
    { "rules", 200, least = 0.9 }, { "planted", 100, most = 0.2 }, { "trend", 100 },
}

local failed = false
print "world        studies  luck   dsr < 0.95  pbo > 0.2  budget"
for _, world in ipairs(WORLDS) do
    local name, count, dsr, pbo = world[1], world[2], 0, 0
    local said = luck_studies.count(name, count, 1, nil, function(l)
        dsr = dsr + (l.dsr < 0.95 and 1 or 0)
        pbo = pbo + (l.pbo > 0.2 and 1 or 0)
    end)
    local share = said / count
    local ok = share >= (world.least or 0) and share <= (world.most or 1)
    failed = failed or not ok
    print(("%-12s %7d  %3.0f %%  %8.0f %%  %7.0f %%  %s%s"):format(name, count, 100 * share,
        100 * dsr / count, 100 * pbo / count, world.least and ("at least %.0f %%"):format(100
        * world.least) or world.most and ("at most %.0f %%"):format(100 * world.most) or "-",
        ok and "" or "  MISSED"))
end
os.exit(failed and 1 or 0)
