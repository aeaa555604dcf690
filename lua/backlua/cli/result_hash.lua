-- The last line of what a search says: its hash, and when that promises nothing.

return function(results)
    return "result hash " .. results.result_hash .. (results.manifest.async == "1"
        and " (asynchronous: another run differs)" or "") .. "\n"
end
