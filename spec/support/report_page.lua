-- What holds for every report, in the browser of browser.lua.
--
--     page.check(browser, path, charts)      charts: how many it has at least

local assert = require "luassert"

local page = {}

-- Canvases without a painted pixel, by their figure.
local BLANK = [[
const blank = [];
document.querySelectorAll("figure.chart").forEach((figure) => start(figure));
document.querySelectorAll("figure.chart").forEach((figure) => {
  const painted = [...figure.querySelectorAll("canvas")].some((canvas) => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) return true;
    return false;
  });
  if (!painted) blank.push(figure.id);
});
return blank;
]]

local OVERFLOW = [[
const wide = document.documentElement.scrollWidth;
return wide > innerWidth ? [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, nav"))
  .map((e) => e.tagName + "." + e.className).slice(0, 5).concat(String(wide)) : [];
]]

--- Draws by light and by dark, asks for nothing, fits, is not overwritten, complains of nothing.
function page.check(browser, path, charts)
    browser:resize(1100, 900)
    browser:media "light"
    browser:complaints()
    browser:requests()
    browser:open(path)
    assert.same({}, browser:run(BLANK))
    assert.is_true(browser:run "return document.querySelectorAll('figure.chart').length" >= charts)
    assert.same({ "file://" .. path }, browser:requests())
    for _, width in ipairs { 390, 1100 } do
        browser:resize(width, 844)
        assert.same({}, browser:run(OVERFLOW))
    end
    browser:media "dark"
    assert.equal("rgb(18, 22, 28)",
        browser:run "return getComputedStyle(document.body).backgroundColor")
    assert.same({}, browser:run(BLANK))
    browser:media "light"
    browser:run "dispatchEvent(new Event('beforeprint'))"
    browser:run "dispatchEvent(new Event('afterprint'))"
    assert.not_equal("owned", browser:run "return document.title")
    assert.equal(0, browser:run "return document.querySelectorAll('main img, main b b').length")
    assert.same({}, browser:complaints())
end

return page
