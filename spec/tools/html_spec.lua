-- The reference's pages as HTML.

local child = require "spec.support.child"

local MARKDOWN = [[
# A page

Text with `a < b` and [another](other.md),
over two lines.

## A part

    indented <code>

```c
int f(int *x);
```

| name | what |
|---|---|
| `x` | a \| b |

- one
- two <b>
]]

describe("engine/tools/html.lua", function()
    local folder, page

    setup(function()
        folder = child.scratch()
        child.write(folder .. "/a.md", MARKDOWN)
        child.write(folder .. "/other.md", "# Other\n")
        assert.equal(0, os.execute("luajit engine/tools/html.lua " .. folder))
        page = child.read(folder .. "/a.html")
    end)
    teardown(child.clean)

    local function has(text)
        assert.truthy(page:find(text, 1, true), text)
    end

    it("makes headings, code, tables, lists and links", function()
        has '<h1 id="a-page">A page</h1>'
        has 'Text with <code>a &lt; b</code> and <a href="other.html">another</a>,\nover two lines.'
        has "<pre>indented &lt;code&gt;</pre>"
        has "<pre>int f(int *x);</pre>"
        has "<table><tr><th>name</th><th>what</th></tr><tr><td><code>x</code></td><td>a | b</td>"
        has "<ul><li>one</li><li>two &lt;b&gt;</li></ul>"
    end)

    it("makes a page of each and an index of all", function()
        has '<a href="index.html">'
        local index = child.read(folder .. "/index.html")
        assert.truthy(index:find('<a href="a.html">A page</a>', 1, true))
        assert.truthy(index:find('<a href="other.html">Other</a>', 1, true))
        assert.truthy(child.read(folder .. "/index.md"):find("- [Other](other.md)", 1, true))
    end)

    it("lists what strategies use before what is inside, a sentence from each page", function()
        child.write(folder .. "/view.md",
            "# backlua.view\n\nViews: windows over\nnumbers. More.\n")
        assert.equal(0, os.execute("luajit engine/tools/html.lua " .. folder))
        local index = child.read(folder .. "/index.md")
        local view = index:find("- [backlua.view](view.md): Views: windows over numbers\n", 1, true)
        assert.truthy(view, index)
        assert.is_true(view < index:find("- [Other]", 1, true))
    end)
end)
