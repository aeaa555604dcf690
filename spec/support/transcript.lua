-- Commands and their output, written down in a page and run again.
--
-- A block fenced by ```console holds lines "$ command" with what it prints on stdout below; a line
-- "..." stands for any lines. A block whose first line is a comment with a file name,
-- "-- NAME.lua", is written to that file first. What differs from run to run is masked before the
-- two are compared: durations, rates, workers, names made from the date, and result hashes, which
-- are promised for one class of processor only.

local transcript = {}

local MASKS = {
    { "%d+%.%d+ s%f[%W]", "# s" },
    { "%d+ min %d+ s", "# s" },
    { ("%x"):rep(64), "#hash" },
    { "[%d,.]+/s%f[%W]", "#/s" },
    { "%f[%d]%d+ workers?%f[%W]", "# workers" },
    { "%-%d%d%d%d%-?%d%d%-?%d%d%-%x%x%x%x%f[%W]", "-DATE" },
}

-- Text with what cannot be repeated replaced by signs.
function transcript.mask(text)
    for _, mask in ipairs(MASKS) do
        text = text:gsub(mask[1], mask[2])
    end
    return (text:gsub(" +\n", "\n"):gsub("[ ]+", " "))
end

-- Blocks of a page in order: { language, text }.
local function blocks(page)
    local list = {}
    for language, text in page:gmatch "\n```(%w+)\n(.-\n)```" do
        list[#list + 1] = { language = language, text = text }
    end
    return list
end

-- Steps of a page in order: { file =, text = } or { command =, output = }.
function transcript.steps(page)
    local steps = {}
    for _, block in ipairs(blocks(page)) do
        local file = block.text:match "^%-%- ([%w_]+%.lua)[\n:]"
        if block.language == "lua" and file then
            steps[#steps + 1] = { file = file, text = block.text }
        elseif block.language == "console" then
            for line in block.text:gmatch "([^\n]*)\n" do
                local command = line:match "^%$ (.*)$"
                if command then
                    steps[#steps + 1] = { command = command, output = "" }
                elseif #steps > 0 then
                    steps[#steps].output = steps[#steps].output .. line .. "\n"
                end
            end
        end
    end
    return steps
end

local function lines_of(text)
    local list = {}
    for line in text:gmatch "([^\n]*)\n" do
        list[#list + 1] = line
    end
    return list
end

local function matches(wanted, w, got, g)
    while wanted[w] do
        if wanted[w] == "..." then
            for skip = g, #got + 1 do
                if matches(wanted, w + 1, got, skip) then
                    return true
                end
            end
            return false
        elseif wanted[w] ~= got[g] then
            return false
        end
        w, g = w + 1, g + 1
    end
    return got[g] == nil
end

-- True when a program's output is what a page shows.
function transcript.agrees(shown, printed)
    return matches(lines_of(transcript.mask(shown)), 1, lines_of(transcript.mask(printed)), 1)
end

return transcript
