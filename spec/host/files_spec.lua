-- Files and folders as the command line needs them.

local ffi = require "ffi"
local C = require "backlua.ffi".C
local child = require "spec.support.child"

local function message()
    return ffi.string(C.bt_error_message())
end

local function write(path, text, durable)
    return C.bt_file_write(path, text, #text, durable and C.BT_WRITE_DURABLE or C.BT_WRITE_CACHED)
end

local function names_in(folder)
    local list, names = ffi.new "const char *const *[1]", {}
    for i = 0, C.bt_folder_list(folder, list) - 1 do
        names[i + 1] = ffi.string(list[0][i])
    end
    return names
end

local function mode(path)
    return io.popen("stat -c %a " .. child.quote(path)):read "*l"
end

describe("files", function()
    local folder

    before_each(function()
        folder = child.scratch()
    end)
    after_each(child.clean)

    it("are told from folders, devices and what is not there", function()
        child.write(folder .. "/f", "")
        os.execute("ln -s " .. folder .. "/f " .. folder .. "/link")
        assert.equal(C.BT_PATH_FILE, C.bt_path_kind(folder .. "/f"))
        assert.equal(C.BT_PATH_FILE, C.bt_path_kind(folder .. "/link"))
        assert.equal(C.BT_PATH_FOLDER, C.bt_path_kind(folder))
        assert.equal(C.BT_PATH_OTHER, C.bt_path_kind "/dev/null")
        assert.equal(C.BT_PATH_NONE, C.bt_path_kind(folder .. "/no"))
        assert.equal(C.BT_PATH_NONE, C.bt_path_kind "")
    end)

    it("are listed in order, without dot files; a folder that cannot be read is empty", function()
        for _, name in ipairs { "b", "a", ".hidden", "c" } do
            child.write(folder .. "/" .. name, "")
        end
        assert.same({ "a", "b", "c" }, names_in(folder))
        assert.same({}, names_in(folder .. "/no"))
        assert.same({}, names_in(folder .. "/a"))
    end)

    for name, durable in pairs { ["in passing"] = false, durably = true } do
        it("are written whole " .. name .. ", bytes and all", function()
            local path, bytes = folder .. "/f", "a\0b\255\n"
            assert.equal(C.BT_OK, write(path, bytes, durable))
            assert.equal(bytes, child.read(path))
            assert.equal("600", mode(path))
            os.execute("chmod 644 " .. path)
            assert.equal(C.BT_OK, write(path, "", durable))
            assert.equal("", child.read(path))
            assert.equal("644", mode(path))
            assert.same({ "f" }, names_in(folder))
        end)

        it("are written " .. name .. " through a link", function()
            child.write(folder .. "/f", "old")
            os.execute("ln -s f " .. folder .. "/link")
            assert.equal(C.BT_OK, write(folder .. "/link", "new", durable))
            assert.equal("new", child.read(folder .. "/f"))
            assert.equal(0, os.execute("test -L " .. folder .. "/link"))
        end)

        it("that cannot be written " .. name .. " leave nothing behind", function()
            local long = folder .. "/" .. ("x"):rep(300)
            assert.equal(C.BT_E_IO, write(long, "text", durable))
            assert.truthy(message():find "name too long")
            assert.equal(C.BT_E_IO, write(folder .. "/no/f", "text", durable))
            assert.truthy(message():find(folder .. "/no/f", 1, true), message())
            assert.same({}, names_in(folder))
        end)
    end

    it("that are folders or have no name are refused", function()
        assert.equal(C.BT_E_IO, write(folder, "x"))
        assert.truthy(message():find "it is a folder")
        assert.equal(C.BT_E_IO, write("", "x"))
    end)

    it("that are devices are written in place", function()
        assert.equal(C.BT_OK, write("/dev/null", "x", true))
        assert.equal(C.BT_E_IO, write("/dev/full", "x", true))
        assert.truthy(message():find "/dev/full: No space left on device")
    end)
end)

describe("our folders", function()
    after_each(child.clean)

    local CODE = [[
        local ffi, C = require "ffi", require "backlua.ffi".C
        local out = ffi.new "char[4096]"
        local status = C.bt_home_folder("runs", out)
        print(status, ffi.string(status == 0 and out or C.bt_error_message()))
    ]]

    it("are made on first use, for the user alone", function()
        local home = child.scratch()
        local r = child.run { "-e", CODE, env = { BACKLUA_HOME = home .. "/a/b" } }
        assert.equal("0\t" .. home .. "/a/b/runs\n", r.out)
        assert.equal("700", mode(home .. "/a/b/runs"))
    end)

    it("need somewhere to be", function()
        local r = child.run { "-u", "HOME", "-u", "BACKLUA_HOME", child.program, "-e", CODE,
            program = "env" }
        assert.truthy(r.out:find "set BACKLUA_HOME", r.out)
    end)
end)

describe("a flag", function()
    it("outranks the environment", function()
        local r = child.run { "-e", [[
            local C = require "backlua.ffi".C
            io.write(C.bt_config_get().enable_caching)
            C.bt_config_flag("ENABLE_CACHING", "false")
            print(C.bt_config_get().enable_caching)
            print(C.bt_config_flag("ENABLE_CACHING", "maybe"), C.bt_config_get().enable_caching)
        ]], env = { BACKLUA_ENABLE_CACHING = "true" } }
        assert.equal(("10\n%d\t0\n"):format(C.BT_E_USAGE), r.out)
    end)
end)
