-- Shapes of frames, by what was asked for.
--
-- A shape (frame.lua) is made once for each list of fields or assets, and found again by the ids;
-- for a list of fields also by the names themselves, as a strategy gives them on every bar.

local assets = require "backlua.assets"
local frame = require "backlua.frame"

local shown = require("backlua.history_args").shown

local shapes = {}

-- Shapes by the ids that they were asked with: tree[id1][id2]...[shape key]. Started over when
-- another bundle comes, or when a strategy asks in ever new ways.
local tree, tree_size, TREE_MAX = {}, 0, 20000
-- Those of fields again, by the names: listed[name1][name2]... = { [SHAPE] =, [IDS] = }, keys that
-- nobody can ask with.
local listed, SHAPE, IDS = {}, {}, {}

--- Another bundle comes.
function shapes.forget()
    tree, tree_size, listed = {}, 0, {}
end

local function leaf(node, ids)
    for i = 1, #ids do
        local below = node[ids[i]]
        if not below then
            below = {}
            node[ids[i]] = below
            tree_size = tree_size + 1
        end
        node = below
    end
    return node
end

local function twice(names)
    local seen = {}
    for _, name in ipairs(names) do
        if seen[name] then
            return ("history: %s is asked for twice; the columns of a frame need different names")
                :format(shown(name))
        end
        seen[name] = true
    end
end

--- Symbols of assets.
function shapes.symbols_of(sids)
    local symbols = {}
    for i, sid in ipairs(sids) do
        symbols[i] = assets.of(sid).symbol
    end
    return symbols
end

local function make_room()
    if tree_size > TREE_MAX then
        shapes.forget()
    end
end

local function fields_shape(names, ids)
    local node = leaf(tree, ids)
    local message = not node.fields and twice(names)
    if message then
        return nil, message
    end
    if not node.fields then
        node.fields = frame.of_fields(names, ids)
        local by_name = leaf(listed, names)
        by_name[SHAPE], by_name[IDS] = node.fields, ids
    end
    return node.fields
end

--- Of a list of fields; nil, message when one is asked for twice.
function shapes.of_fields(names, ids)
    make_room()
    return fields_shape(names, ids)
end

--- Of a list of assets, of each one field or a list of them; likewise.
function shapes.of_assets(sids, names, ids, many_fields)
    make_room()
    local node = leaf(leaf(tree, sids), many_fields and ids or {})
    local key = many_fields and "both" or names[1]
    if node[key] then
        return node[key]
    end
    local symbols = shapes.symbols_of(sids)
    local message, sub = twice(symbols), nil
    if not message and many_fields then
        sub, message = fields_shape(names, ids)
    end
    if message then
        return nil, message
    end
    node[key] = sub and frame.of_both(symbols, sids, sub)
        or frame.of_assets(symbols, sids, ids[1])
    return node[key]
end

--- Shape and ids of a list of fields that was asked for before, else nil.
function shapes.known(fields)
    local node = listed
    for i = 1, #fields do
        node = node[fields[i]]
        if not node then
            return nil
        end
    end
    return node[SHAPE], node[IDS]
end

return shapes
