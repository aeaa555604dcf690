local json = require "backlua.json"

local function decode_error(text)
    local value, message = json.decode(text)
    assert.is_nil(value)
    return message
end

describe("json", function()
    it("writes sorted keys, numbers that read back, NaN as null", function()
        assert.equal('{"a":[1,2.5,null,"inf","-inf"],"b":{"x":true},"c":"q\\"\\n"}', json.encode {
            c = 'q"\n', b = { x = true }, a = { 1, 2.5, 0 / 0, 1 / 0, -1 / 0 },
        })
        assert.equal("0.1", json.encode(0.1))
        assert.equal("[]", json.encode(json.array {}))
        assert.equal("{}", json.encode {})
    end)

    it("reads back what it writes, to the bit", function()
        for _, v in ipairs { 0.1, 1 / 3, 1e300, -2.2250738585072014e-308, 123456789012345680 } do
            assert.equal(v, json.decode("[" .. json.encode(v) .. "]")[1])
        end
    end)

    it("refuses to write what JSON has no words for", function()
        for _, value in ipairs { print, { print }, { [{}] = 1 }, coroutine.create(print) } do
            local ok, message = pcall(function() json.encode(value) end)
            assert.is_false(ok)
            assert.truthy(message:find "json_spec.lua:%d+: json.encode: ")
        end
        local loop = {}
        loop.loop = loop
        assert.has_error(function() json.encode(loop) end)
    end)

    it("reads null as nothing", function()
        assert.same({ a = { 1, nil, 3 } }, json.decode '{"a":[1,null,3],"b":null}')
        assert.is_nil(json.decode "null")
    end)

    it("reads names of numbers inside strings as text", function()
        assert.same({ "NaN 0x10 Infinity \\\"" }, json.decode '["NaN 0x10 Infinity \\\\\\""]')
    end)

    it("refuses numbers that are not JSON's", function()
        for _, text in ipairs { "[0x10]", "[NaN]", "[nan]", "[Infinity]", "[-Infinity]", "[01]" } do
            assert.truthy(decode_error(text):find "json.decode: ")
        end
    end)

    it("limits length, strings and depth", function()
        assert.truthy(decode_error((" "):rep(16 * 1024 * 1024 + 1)):find "16777216")
        assert.truthy(decode_error('"' .. ("a"):rep(1024 * 1024 + 1) .. '"'):find "1048576")
        assert.truthy(decode_error(("["):rep(101) .. ("]"):rep(101)):find "nested")
        assert.truthy(json.decode(("["):rep(100) .. ("]"):rep(100)))
        assert.truthy(decode_error "[1,2" :find "json.decode: ")
        assert.has_error(function() json.decode(5) end,
            "json.decode: a text is expected, got a number")
    end)
end)
