-- One result hash, whatever the workers, caches, pools and forms of history.

local study = require "spec.support.study"

describe("a study", function()
    local bed, hash

    setup(function()
        bed = study.bed()
        hash = bed:optimize({ "-j", "1" }).result_hash
    end)
    teardown(function() bed:close() end)

    it("has a hash", function()
        assert.truthy(hash:match "^%x+$" and #hash == 64)
    end)

    for _, jobs in ipairs { "2", "3", "8" } do
        it("is the same with " .. jobs .. " workers", function()
            assert.equal(hash, bed:optimize({ "-j", jobs }).result_hash)
        end)
    end

    it("is the same without caches and without pooling", function()
        assert.equal(hash, bed:optimize({ "-j", "2",
            env = { BACKLUA_ENABLE_CACHING = "false" } }).result_hash)
        assert.equal(hash, bed:optimize({ "-j", "2",
            env = { BACKLUA_ENABLE_BUNDLE_POOLING = "false" } }).result_hash)
        assert.equal(hash, bed:optimize({ "-j", "1", env = { BACKLUA_ENABLE_CACHING = "0",
            BACKLUA_ENABLE_BUNDLE_POOLING = "0" } }).result_hash)
    end)

    it("is the same with a cache too small for anything", function()
        assert.equal(hash, bed:optimize({ "-j", "2",
            env = { BACKLUA_CACHE_SIZE_GB = "0.0001" } }).result_hash)
    end)

    it("gives the same trials to the bit from handles, arrays and frames", function()
        local handle = bed:optimize { "-j", "2" }
        for _, form in ipairs { "array", "frame" } do
            local other = bed:optimize { "-j", "2", form = form }
            assert.equal(#handle.trials, #other.trials)
            for i, trial in ipairs(handle.trials) do
                assert.equal(trial.score, other.trials[i].score)
                assert.equal(trial.result_hash, other.trials[i].result_hash)
            end
        end
    end)
end)
