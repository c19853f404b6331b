
-- The interpreter. It uses nothing that Lua 5.2 or 5.4 lacks.
local proto = Proto("nlsniff", "Netlink, as nlsniff describes it")
local load = load or loadstring
local byte, sub, find, format, floor = string.byte, string.sub, string.find, string.format, math.floor
-- Methods that are taken from their class once: a call by name looks it up in C.
local add, range_of, referenced = TreeItem.add, Tvb.range, TreeItem.referenced

-- Fields.
local makers = {
	u4 = ProtoField.uint32, u8 = ProtoField.uint64, i4 = ProtoField.int32, i8 = ProtoField.int64,
	s = ProtoField.string, y = ProtoField.bytes, n = ProtoField.none,
}
local fields, kinds, list = {}, {}, {}
for _, entry in ipairs(data.fields) do
	local name, kind = string.match(entry, "^(.*):(%w+)$")
	local field = makers[kind]("nlsniff." .. string.gsub(name, "[^%w_.-]", "_"), name)
	fields[name], kinds[name] = field, kind
	list[#list + 1] = field
end
data.fields = nil
local function extra(abbrev, name, maker)
	local field = maker("nlsniff." .. abbrev, name)
	list[#list + 1] = field
	return field
end
local op_field = extra("op", "Operation", ProtoField.string)
local type_field = extra("type", "nlmsg_type", ProtoField.uint16)
local seq_field = extra("seq", "nlmsg_seq", ProtoField.uint32)
local pid_field = extra("portid", "nlmsg_pid", ProtoField.uint32)
local flags_field = extra("flags", "nlmsg_flags", ProtoField.uint16)
local error_field = extra("error", "Error", ProtoField.string)
local message_field = extra("extack", "The kernel's words", ProtoField.string)
local path_field = extra("extack.attr", "The kernel points at", ProtoField.string)
local unknown_field = extra("unknown", "Not described", ProtoField.bytes)
local hidden_field = extra("hidden", "Key material, or what may be", ProtoField.string)
local bad = ProtoExpert.new("nlsniff.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR)
local refused = ProtoExpert.new("nlsniff.refused", "The kernel refused this", expert.group.RESPONSE_CODE, expert.severity.NOTE)
proto.fields = list
proto.experts = { bad, refused }

-- What is read when it is first needed.
local function lazy(part)
	return setmetatable({}, { __index = function(t, id)
		local text = data[part][id]
		if not text then return nil end
		local value = assert(load("return " .. text))()
		t[id] = value
		return value
	end })
end
local structs, sets, enums, subs, bodies = lazy("structs"), lazy("sets"), lazy("enums"), lazy("subs"), lazy("bodies")

-- The messages of a protocol, by direction and number.
local tables = {}
local function messages(key)
	local t = tables[key]
	if t == nil then
		t = { q = {}, r = {}, e = {} }
		for _, entry in ipairs(data.messages[key] or {}) do
			local id, ways, body, name = string.match(entry, "^(%d+) (%a*) (%d+) (.*)$")
			for way in string.gmatch(ways, "%a") do
				t[way][tonumber(id)] = { name = name, body = tonumber(body) }
			end
		end
		tables[key] = t
	end
	return t
end

-- State of a capture: names of generic families, and the numbers that keys may be
-- behind, as one name that was given to them has some.
local genl, disputed
local function begin() genl, disputed = { [16] = "nlctrl" }, {} end
proto.init = begin
begin()

