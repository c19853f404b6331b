-- What the dissector uses of Wireshark, as little as it takes: stub.lua SCRIPT CAPTURE
-- prints what is added to the tree, so that versions of Lua can be compared.
local bytes, byte, format = nil, string.byte, string.format

local function number(s, from, n, little)
	local v = 0
	for i = 0, n - 1 do v = v * 256 + byte(s, little and from + n - i or from + 1 + i) end
	return v
end

-- An integer of 8 bytes is one of two halves.
local wide = {}
wide.__index = wide
wide.__tostring = function(w) return format("0x%08x%08x", w.high_, w.low_) end
function wide:lower() return self.low_ end
function wide:higher() return self.high_ end
local function new(low, high)
	assert(type(low) == "number" and low == math.floor(low), "no integer")
	if not high then
		high = math.floor(low / 4294967296) % 4294967296
		low = low % 4294967296
	end
	return setmetatable({ low_ = low, high_ = high }, wide)
end
UInt64, Int64 = { new = new }, { new = new }

local range = {}
range.__index = range
function range:string() return (string.gsub(string.sub(self.raw, self.off + 1, self.off + self.n), "[\128-\255]", "?")) end
function range:uint() return number(self.raw, self.off, self.n) end
function range:ipv6() return "ipv6 " .. self:string() end
function range:tvb() return Tvb.of(string.sub(self.raw, self.off + 1, self.off + self.n)) end
Tvb = {}
Tvb.__index = Tvb
function Tvb.of(raw) return setmetatable({ data = raw }, Tvb) end
function Tvb:len() return #self.data end
function Tvb:raw() return self.data end
function Tvb:range(off, n)
	n = n or #self.data - off
	assert(off >= 0 and n > 0 and off + n <= #self.data, "a range out of the frame: " .. off .. " " .. n)
	return setmetatable({ raw = self.data, off = off, n = n }, range)
end

local out = {}
local function say(...) out[#out + 1] = table.concat({ ... }, " ") end
local function shown(v)
	if type(v) == "number" then return format("%.0f", v) end
	return (string.gsub(tostring(v), "[^ -~]", "?"))
end
TreeItem = {}
TreeItem.__index = TreeItem
function TreeItem:add(field, r, value)
	assert(field and getmetatable(r) == range, "nothing to add")
	if field.kind == "uint32" then assert(value >= 0 and value < 4294967296, "too large") end
	if field.kind == "uint64" or field.kind == "int64" then assert(getmetatable(value) == wide, field.name .. " is not wide") end
	if field.kind == "string" then assert(type(value) == "string", field.name .. " is no string") end
	say(field.name, format("%d %d", r.off, r.n), value == nil and "" or shown(value))
	return setmetatable({ visible = self.visible }, TreeItem)
end
function TreeItem:referenced() return not self.visible end
function TreeItem:set_text(s) say("text", shown(s)) return self end
function TreeItem:append_text(s) say("more", shown(s)) return self end
function TreeItem:prepend_text(s) say("before", shown(s)) return self end
function TreeItem:set_generated() return self end
function TreeItem:add_proto_expert_info(_, s) say("expert", shown(s)) return self end

ProtoField = setmetatable({}, { __index = function(_, kind)
	return function(abbrev, name)
		assert(type(abbrev) == "string")
		return { kind = kind, name = abbrev }
	end
end })
local protos = {}
function Proto(name, description)
	assert(not protos[description], "there cannot be two protocols with the same description")
	protos[description] = { name = name }
	return protos[description]
end
ProtoExpert = { new = function() return {} end }
expert = { group = {}, severity = {} }
local function nothing() end
Dissector = { get = function() return { call = nothing } end }
local encaps = {}
local tables = { add = function(_, encap, p) encaps[encap] = p end, get_dissector = function() return { call = nothing } end }
DissectorTable = { get = function() return tables end }
wtap = { NETLINK = 158, SLL = 25, SLL2 = 210 }

assert(loadfile(arg[1]))()

local file = assert(io.open(arg[2], "rb"))
bytes = file:read("*a")
for _, visible in ipairs({ true, false }) do
	if encaps[158].init then encaps[158].init() end
	local off, frame = 24, 0
	while off + 16 <= #bytes and frame < 3000 do
		local n = number(bytes, off + 8, 4, true)
		frame = frame + 1
		say("frame", frame)
		local column = setmetatable({ set = function(_, s) say("column", shown(s)) end }, { __tostring = function() return "Netlink" end })
		local pinfo = { number = frame, cols = { info = column, protocol = column } }
		encaps[158].dissector(Tvb.of(string.sub(bytes, off + 17, off + 16 + n)), pinfo, setmetatable({ visible = visible }, TreeItem))
		off = off + 16 + n
	end
end
io.write(table.concat(out, "\n"), "\n")
