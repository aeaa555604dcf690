-- Calibration of the verdict, at full counts: how often is luck called luck, and skill not?
--
--     make bench-luck            200 studies of each noise, 100 of each planted world; and 40 walks
--                                and 40 cross-validations of each by grid, random search and TPE
--
-- Budget: "luck" in at least 90 % of those without skill, and in at most 20 % of those with a
-- planted annual Sharpe ratio of 1.5 (spec/support/luck_studies.lua has the worlds). A walk with
-- trains of two years finds a part of that only, and its tests are held against 0: no budget. Three
-- worlds have none, either. In "trend" and "equal" all rules have skill, so which of them is best
-- is luck indeed, and the probability of overfitting says so. In "half" one half of the rules has
-- it: to choose from that half is skill, to choose among it is luck.

package.path = "./?.lua;" .. package.path
local luck_studies = require "spec.support.luck_studies"
local luck_walks = require "spec.support.luck_walks"
local market = require "spec.support.market"

local LEAST = { independent = 0.9, field = 0.9, rules = 0.9 }
local MOST = { planted = 0.2 }

local failed = false
io.stdout:setvbuf "line"

local function most_of(world, what)
    return not what:find "^walk" and MOST[world] or nil
end

local function judge(world, what, count, said, dsr, pbo)
    local share, least, most = said / count, LEAST[world], most_of(world, what)
    local ok = share >= (least or 0) and share <= (most or 1)
    failed = failed or not ok
    print(("%-12s %-12s %5d  %3.0f %%  %8.0f %%  %7.0f %%  %s%s"):format(world, what, count,
        100 * share, 100 * dsr / count, 100 * pbo / count, least and ("at least %.0f %%"):format(
        100 * least) or most and ("at most %.0f %%"):format(100 * most) or "-",
        ok and "" or "  MISSED"))
end

print "world        by           count   luck  dsr < 0.95  pbo > 0.2  budget"
for _, world in ipairs { { "independent", 200 }, { "field", 200 }, { "rules", 200 },
    { "planted", 100 }, { "half", 100 }, { "equal", 100 }, { "trend", 100 } } do
    local name, count, dsr, pbo = world[1], world[2], 0, 0
    local said = luck_studies.count(name, count, 1, nil, function(l)
        dsr = dsr + (l.dsr < 0.95 and 1 or 0)
        pbo = pbo + (l.pbo > 0.2 and 1 or 0)
    end)
    judge(name, "grid", count, said, dsr, pbo)
end
for _, mode in ipairs { "walk", "cpcv" } do
    for _, search in ipairs { "grid", "random", "tpe" } do
        for _, world in ipairs { "field", "planted", "half" } do
            judge(world, mode .. " " .. search, 40,
                luck_walks.count(world, 40, mode, search, 50))
        end
    end
end
market.clean()
os.exit(failed and 1 or 0)
