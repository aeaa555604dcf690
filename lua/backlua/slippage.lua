--- What a market takes: for ctx:set_slippage and the option `slippage` of a run.
--
--     local slippage = require "backlua.slippage"
--     ctx:set_slippage(slippage.fixed_bps { basis_points = 2, volume_limit = 0.05 })
--
--     none { volume_limit = 0 }
--     fixed_bps { basis_points = 5, volume_limit = 0.1 }  price * (1 +- bps / 10000)
--
-- volume_limit is the share of a bar's volume that one asset's orders may take together; 0 takes
-- no notice of volume. Names and defaults are those of Zipline's FixedBasisPointsSlippage. Each
-- takes a table; an unknown key or a number out of range raises at the caller's line. Without
-- any, a run uses fixed_bps with these defaults.

return require("backlua.costs").constructors "slippage"
