-- Runs whose slippage or commission is a Lua function: another loop over the bars.
--
-- The engine asks during a step, and must not do so from under an FFI call; such runs are stepped
-- by a classic C function (engine/host/step_lua.c). It does not compile, so the loop around it does
-- not either: that, and the questions, is the price.

local ffi = require "ffi"
local assets = require "backlua.assets"
local C = require("backlua.ffi").C

local asked = {}

--- A function of a run that steps it once, for the functions of a slippage and a commission, nil
-- where the engine's own model applies.
function asked.stepper(price, fee)
    local step = require "backlua.step"
    return function(run)
        return step(tonumber(ffi.cast("intptr_t", run)), price, fee, assets.of)
    end
end

--- The loop: as in bars.lua, with its arguments, for such functions. enter names the stage a run is
-- in.
function asked.loop(price, fee, enter)
    local step = asked.stepper(price, fee)
    return function(run, ctx, data, handle_data, before)
        local status = step(run)
        while status == C.BT_STEP_MORE or status == C.BT_STEP_SESSION do
            if status == C.BT_STEP_SESSION then
                enter "before_trading_start"
                before(ctx, data)
                enter "handle_data"
            else
                handle_data(ctx, data)
            end
            status = step(run)
        end
        return status
    end
end

return asked
