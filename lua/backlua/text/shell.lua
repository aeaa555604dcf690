-- A word as a shell takes it: in quotes where it holds anything but plain characters.
return function(word)
    return word:find "^[%w_@%%+=:,./-]+$" and word or "'" .. word:gsub("'", "'\\''") .. "'"
end
