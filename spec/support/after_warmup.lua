-- Compare an indicator with figures that are known.
--
-- want: values from the first one that is known; got is NaN before it. rows: how many of got's
-- values the figures reach, all by default.
return function(got, want, tolerance, rows)
    local warm = (rows or #got) - #want
    for i = 1, warm do
        assert(got[i] ~= got[i], ("value %d is %.17g"):format(i, got[i]))
    end
    for i, value in ipairs(want) do
        assert(math.abs(got[warm + i] - value) <= tolerance,
            ("value %d is %.17g, known %.17g"):format(warm + i, got[warm + i], value))
    end
end
