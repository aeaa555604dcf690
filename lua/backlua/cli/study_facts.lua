-- What the verbs of `backlua study` ask of a study (bt_study) alike.

local facts = {}

--- A text of its manifest, or nil.
function facts.meta(study, key)
    return require("backlua.optimization.study").meta(study, key)
end

--- "walk", "cross-validation", or nil for a search.
function facts.kind_of(study)
    return require("backlua.optimization.walk_best").kind(study)
end

--- Its best trial (results.lua), or nil.
function facts.best_of(study)
    local kind = facts.kind_of(study)
    if kind == "cross-validation" then
        return nil -- it judges a way of choosing
    end
    return kind == "walk" and require("backlua.optimization.walk_best").of(study)
        or not kind and require("backlua.optimization.results").best(study) or nil
end

--- How many trials are on the front.
function facts.front_size(study)
    return #require("backlua.optimization.results").front_positions(study)
end

return facts
