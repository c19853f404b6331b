
-- The interpreter. It uses nothing that Lua 5.2 or 5.4 lacks.
local proto = Proto("nlsniff", "Netlink, as nlsniff describes it")
local load = load or loadstring

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

-- State of a capture: names of generic families.
local genl
local function begin() genl = { [16] = "nlctrl" } end
proto.init = begin
begin()

-- Integers. Those of 8 bytes are userdata, of which a number is made where it is
-- exact enough for a name.
local function integer(ctx, range, kind, order)
	local n, little = range:len(), ctx.little
	if order == 1 then little = false elseif order == 2 then little = true end
	if n > 8 or n == 0 or (n > 4 and n < 8) then return nil end
	if n == 8 then
		if kind == "i" then return little and range:le_int64() or range:int64() end
		return little and range:le_uint64() or range:uint64()
	end
	if kind == "i" then return little and range:le_int() or range:int() end
	return little and range:le_uint() or range:uint()
end

local function plain(v)
	if type(v) == "number" then return v end
	return tonumber(tostring(v))
end

-- named returns the name of a value, or of the flags in it.
local function named(id, v)
	local e, n = enums[id], plain(v)
	if not e or not n then return nil end
	if e.v[n] then return e.v[n] end
	if not e.flags or n < 0 or n >= 4294967296 then return nil end
	local names, rest = {}, n
	for i = 31, 0, -1 do
		local b = 2 ^ i
		if rest >= b then
			rest = rest - b
			local name = e.v[b]
			table.insert(names, 1, name or string.format("0x%x", b))
		end
	end
	if #names == 0 then return nil end
	return table.concat(names, "|")
end

local function text(range)
	return (string.gsub(range:string(), "%z.*", ""))
end

local function hex(range)
	return (string.gsub(string.lower(tostring(range:bytes())), "(%x%x)(%x)", "%1:%2"))
end

local function address(range)
	local n = range:len()
	if n == 4 then return tostring(range:ipv4()) end
	if n == 16 then return tostring(range:ipv6()) end
	local parts = {}
	for i = 0, n - 1 do parts[#parts + 1] = string.format("%02x", range:range(i, 1):uint()) end
	return table.concat(parts, ":")
end

local max_depth = 40

-- show puts a value into the tree and notes it: for conditions, selectors and the
-- summary.
local function show(ctx, tree, name, range, value, words)
	local field, kind = fields[name], kinds[name]
	if not ctx.visible and not tree:referenced(field) then return tree end
	local item
	if kind == "s" then
		item = tree:add(field, range, words or tostring(value or ""))
	elseif kind == "y" or kind == "n" then
		item = tree:add(field, range)
	elseif value == nil then
		item = tree:add(unknown_field, range)
		item:prepend_text(name .. " ")
	else
		if kind == "u8" and type(value) == "number" then value = UInt64(value % 4294967296, 0) end
		if kind == "i8" and type(value) == "number" then value = Int64.new(value) end
		if kind == "i8" and type(value) ~= "number" and tostring(value) and not pcall(function() return value:tonumber() end) then value = Int64.new(0) end
		item = tree:add(field, range, value)
		if words and words ~= tostring(value) then item:append_text(" (" .. words .. ")") end
	end
	return item
end

local decode, needs -- defined below

-- find looks a selector up: beside the value, then further out.
local function find(ctx, scope, name)
	while scope do
		local v = scope[name]
		if v ~= nil then return v end
		scope = scope.outer
	end
	return nil
end

local function choose(ctx, scope, t, len, nested)
	local sub, key = subs[t.m], nil
	if t.c == 0 then
		key = find(ctx, scope, t.inside ~= "" and (t.by .. "/" .. t.inside) or t.by)
		if t.present then key = key ~= nil and 1 or 0 end
	elseif t.c == 1 then key = ctx.request and 1 or 0
	elseif t.c == 2 then key = nested and 1 or 0
	elseif t.c == 3 then key = len
	elseif t.c == 4 then key = ctx.kind
	elseif t.c == 5 then key = ctx.af
	end
	if key == nil then return sub.d end
	if type(key) == "string" then return sub.n[key] or sub.d end
	local n = plain(key)
	return n and sub.v[n] or sub.d
end

local function note(ctx, scope, path, name, value, words)
	if scope[name] == nil then scope[name] = value end
	if ctx.seen[path] == nil then ctx.seen[path] = words or value end
end

-- members shows a struct.
local function members(ctx, tree, scope, id, range, path)
	local s = structs[id]
	for _, m in ipairs(s) do
		local name, off, size = m[1], m[2], m[3]
		if off + size > range:len() then break end
		decode(ctx, tree, scope, name, m[4], range:range(off, size), path == "" and name or (path .. "/" .. name), false)
	end
	return s.n
end

-- head reads the length and the type of an attribute.
local function head(ctx, range)
	if ctx.little then
		local v = range:le_uint()
		return v % 65536, math.floor(v / 65536)
	end
	local v = range:uint()
	return math.floor(v / 65536), v % 65536
end

-- attributes shows those of a space. early is set where a selector may stand
-- behind what it chooses.
local function attributes(ctx, tree, outer, id, range, path, element)
	local set, scope, off, stop = sets[id], { outer = outer }, 0, range:len()
	ctx.depth = ctx.depth + 1
	if ctx.depth > max_depth then
		tree:add(unknown_field, range)
		ctx.depth = ctx.depth - 1
		return scope
	end
	if set and set.early then
		while off + 4 <= stop do
			local len, kind = head(ctx, range:range(off, 4))
			local f = set[kind % 16384]
			if len < 4 or off + len > stop then break end
			if f and len > 4 and (f[2].k == "u" or f[2].k == "z") then
				local r = range:range(off + 4, len - 4)
				local v = nil
				if f[2].k == "z" then v = text(r) else v = integer(ctx, r, "u", f[2].o) end
				if scope[f[1]] == nil then scope[f[1]] = v end
			end
			off = off + len + (4 - len % 4) % 4
		end
		off = 0
	end
	while off < stop do
		if off + 4 > stop then
			tree:add(unknown_field, range:range(off))
			break
		end
		local len, kind = head(ctx, range:range(off, 4))
		if len < 4 or off + len > stop then
			tree:add(unknown_field, range:range(off)):add_proto_expert_info(bad, "nla_len " .. len .. ", but " .. (stop - off) .. " bytes are left")
			break
		end
		local f = set and set[kind % 16384]
		local at = f and (path == "" and f[1] or (path .. "/" .. f[1])) or path
		if not ctx.need or ctx.need[at] then
			local whole = range:range(off, len)
			if ctx.want and whole:offset() == ctx.want then ctx.found = path .. (path == "" and "" or "/") .. (f and f[1] or tostring(kind % 16384)) end
			if element then
				local name = "[" .. (kind % 16384) .. "]"
				local item = tree:add(proto, whole, name)
				if len > 4 then decode(ctx, item, scope, nil, element, whole:range(4), path, kind >= 32768) end
			elseif f then
				decode(ctx, tree, scope, f[1], f[2], len > 4 and whole:range(4) or nil, at, kind >= 32768, whole)
			else
				local item = tree:add(unknown_field, whole)
				if (set and set.keyed) or ctx.keyed then
					item:set_text("attribute " .. (kind % 16384) .. ": <hidden>")
				else
					item:prepend_text("attribute " .. (kind % 16384) .. ": ")
				end
			end
		end
		off = off + len + (4 - len % 4) % 4
	end
	ctx.depth = ctx.depth - 1
	return scope
end

-- decode shows one value. range is nil if there are no bytes; name is nil for an
-- element of an array, which has no field of its own.
function decode(ctx, tree, scope, name, t, range, path, nested, whole)
	local k = t.k
	if k == "m" then
		t = choose(ctx, scope, t, range and range:len() or 0, nested) or { k = "b" }
		for _ = 1, 4 do
			if t.k == "m" then t = choose(ctx, scope, t, range and range:len() or 0, nested) or { k = "b" } end
		end
		k = t.k
	end
	whole = whole or range
	local value, words = nil, nil
	if k == "h" then
		words = "<hidden>"
	elseif range == nil then
		if k == "z" then value, words = "", "" end
	elseif k == "u" or k == "i" then
		value = integer(ctx, range, k, t.o)
		if value ~= nil then
			if t.e then words = named(t.e, value) end
			if t.a and range:len() == 4 then words = address(range) end
			if name and string.find(name, "family", 1, true) and range:len() == 1 then ctx.af = value end
		end
	elseif k == "z" then
		value = text(range)
		words = value
	elseif k == "b" and t.a then
		words = address(range)
		value = words
	end
	local item = tree
	if name then
		item = show(ctx, tree, name, range or whole, value, words or (k == "b" and range and hex(range) or nil))
		if k ~= "n" and k ~= "x" then note(ctx, scope, path, name, value == nil and (words or true) or value, words) end
	elseif value ~= nil or words then
		tree:append_text(" " .. (words or tostring(value)))
	end
	if range == nil then return end
	if k == "n" then
		local from = 0
		local inner = { outer = scope }
		if t.t then from = members(ctx, item, inner, t.t, range, path) end
		if t.s and from < range:len() then
			local got = attributes(ctx, item, inner, t.s, range:range(from), path)
			-- What is inside can choose as well.
			if name then
				for key, v in pairs(got) do
					if key ~= "outer" and scope[name .. "/" .. key] == nil then scope[name .. "/" .. key] = v end
				end
			end
		end
	elseif k == "x" then
		attributes(ctx, item, scope, 0, range, path, t.l)
	elseif k == "t" then
		local inner = { outer = scope }
		members(ctx, item, inner, t.t, range, path)
		if name then
			for key, v in pairs(inner) do
				if key ~= "outer" then scope[name .. "/" .. key] = v end
			end
		end
	elseif k == "a" then
		for off = 0, range:len() - t.n, t.n do
			decode(ctx, item, { outer = scope }, nil, t.l, range:range(off, t.n), path, false)
			if off / t.n >= 1024 then break end
		end
	end
end

-- holds says whether the conditions of a body do.
local function holds(ctx, when, range)
	for _, c in ipairs(when) do
		local kind, ok = c[1], false
		if kind == "request" then ok = ctx.request
		elseif kind == "reply" then ok = not ctx.request
		elseif kind == "dump" then
			if ctx.request then ok = ctx.flags % 1024 >= 768 else ok = ctx.flags % 4 >= 2 end
		elseif kind == "less" then ok = range:len() < c.v
		elseif kind == "member" then
			if range:len() >= c.off + c.n then ok = plain(integer(ctx, range:range(c.off, c.n), "u", c.o)) == c.v end
		elseif kind == "starts" then ok = range:len() >= #c.text and range:range(0, #c.text):string() == c.text
		elseif kind == "event" then ok = not ctx.request and ctx.seq == 0
		elseif kind == "create" then ok = ctx.flags % 2048 >= 1024
		elseif kind == "attrs" then ok = range:len() >= c.v
		end
		if c.no then ok = not ok end
		if not ok then return false end
	end
	return true
end

-- needs are the places that a summary has, and those on the way there.
function needs(b)
	if b.need then return b.need end
	local need = { CTRL_ATTR_FAMILY_ID = true, CTRL_ATTR_FAMILY_NAME = true }
	for _, item in ipairs(b.line) do
		for i = 2, #item do
			local path = ""
			for name in string.gmatch(item[i], "[^/]+") do
				path = path == "" and name or (path .. "/" .. name)
				need[path] = true
			end
		end
	end
	b.need = need
	return need
end

local function payload(ctx, tree, body, range)
	for _, b in ipairs(bodies[body] or {}) do
		if holds(ctx, b.when, range) then
			local scope, from = {}, 0
			ctx.line = b.line
			if ctx.short then ctx.need = needs(b) end
			if b.t then from = members(ctx, tree, scope, b.t, range, "") end
			if from >= range:len() then return end
			if b.s then
				attributes(ctx, tree, scope, b.s, range:range(from + (4 - from % 4) % 4 < range:len() and from + (4 - from % 4) % 4 or from), "")
			elseif b.p then
				local item = tree:add(unknown_field, range:range(from))
				item:set_text("payload")
				decode(ctx, item, scope, nil, b.p, range:range(from), "", false)
			else
				tree:add(unknown_field, range:range(from))
			end
			return
		end
	end
	if range:len() > 0 then tree:add(unknown_field, range) end
end

local function summary(ctx)
	local words = {}
	for _, item in ipairs(ctx.line or {}) do
		for i = 2, #item do
			local v = ctx.seen[item[i]]
			if v ~= nil and v ~= true and tostring(v) ~= "0" and tostring(v) ~= "" then
				words[#words + 1] = (item[1] ~= "" and (item[1] .. " ") or "") .. tostring(v)
				break
			end
		end
	end
	return table.concat(words, " ")
end

-- message shows one, and returns its operation and summary.
local message

-- answer shows an error or an acknowledgement.
local function answer(ctx, tree, range)
	if range:len() < 4 then
		tree:add(unknown_field, range)
		return "NLMSG_ERROR"
	end
	local errno = ctx.little and range:range(0, 4):le_int() or range:range(0, 4):int()
	local name = errno == 0 and "ACK" or (named(data.errno, -errno) or tostring(errno))
	local item = tree:add(error_field, range:range(0, 4), name)
	if errno ~= 0 then item:add_proto_expert_info(refused, name) end
	if range:len() < 20 then return name end
	local echo = range:range(4)
	local len = integer(ctx, echo:range(0, 4), "u")
	local capped = ctx.flags % 512 >= 256
	local n = capped and 16 or math.min(len, echo:len())
	if n < 16 then return name end
	local said, path, want
	local rest = 4 + n + (4 - n % 4) % 4
	if ctx.flags % 1024 >= 512 and rest < range:len() then
		local r, off = range:range(rest), 0
		while off + 4 <= r:len() do
			local alen, kind = integer(ctx, r:range(off, 2), "u"), integer(ctx, r:range(off + 2, 2), "u") % 16384
			if alen < 4 or off + alen > r:len() then break end
			if kind == 1 and alen > 4 then
				said = text(r:range(off + 4, alen - 4))
				tree:add(message_field, r:range(off + 4, alen - 4), said)
			elseif kind == 2 and alen == 8 then
				want = integer(ctx, r:range(off + 4, 4), "u")
			end
			off = off + alen + (4 - alen % 4) % 4
		end
	end
	local asked = tree:add(proto, echo:range(0, n), "Request")
	local op, line, found = message(ctx, asked, echo:range(0, n), true, want and echo:offset() + want)
	if found then tree:add(path_field, echo:range(0, n), found):set_generated() end
	return name .. " " .. op .. (line ~= "" and (" " .. line) or "") .. (said and (' "' .. said .. '"') or "") .. (found and (" at " .. found) or "")
end

function message(outer, tree, range, echoed, want)
	local ctx = { little = outer.little, visible = outer.visible, short = outer.short and not want, protocol = outer.protocol, seen = {}, depth = 0, want = want }
	local kind = integer(ctx, range:range(4, 2), "u")
	ctx.flags, ctx.seq = integer(ctx, range:range(6, 2), "u"), integer(ctx, range:range(8, 4), "u")
	ctx.kind, ctx.request = kind, ctx.flags % 2 == 1
	tree:add(type_field, range:range(4, 2), kind)
	tree:add(flags_field, range:range(6, 2), ctx.flags)
	tree:add(seq_field, range:range(8, 4), ctx.seq)
	tree:add(pid_field, range:range(12, 4), integer(ctx, range:range(12, 4), "u"))
	local rest = range:len() > 16 and range:range(16) or nil
	local function named_op(name)
		if not echoed then tree:add(op_field, range, name):set_generated() end
		return name
	end
	if kind < 16 then
		local op = ({ [1] = "NLMSG_NOOP", [2] = "NLMSG_ERROR", [3] = "NLMSG_DONE", [4] = "NLMSG_OVERRUN" })[kind] or ("control " .. kind)
		named_op(op)
		if kind == 2 and rest and not echoed then return answer(ctx, tree, rest), "" end
		if rest then tree:add(unknown_field, rest) end
		return op, ""
	end
	local key, id = "p" .. ctx.protocol, kind
	if ctx.protocol == 16 then
		local family = genl[kind]
		if not family then
			ctx.keyed = true
			if rest then tree:add(unknown_field, rest):set_text("family " .. kind .. ", which nothing has named: <hidden>") end
			return named_op("family " .. kind), ""
		end
		if not rest or rest:len() < 4 then
			if rest then tree:add(unknown_field, rest) end
			return named_op(family), ""
		end
		key, id = "g" .. family, rest:range(0, 1):uint()
		ctx.kind = id
		tree:add(unknown_field, rest:range(0, 4)):set_text("genlmsghdr: family " .. family .. ", cmd " .. id .. ", version " .. rest:range(1, 1):uint())
		rest = rest:len() > 4 and rest:range(4) or nil
	end
	local t = messages(key)
	local a, b = t.q, t.r
	if not ctx.request then a, b = b, a end
	local m = a[id] or b[id] or t.e[id]
	if not ctx.request and ctx.seq == 0 and t.e[id] then m = t.e[id] end
	if not m then
		if rest then tree:add(unknown_field, rest) end
		return named_op(key .. " type " .. id), ""
	end
	named_op(m.name)
	if rest and m.body > 0 then payload(ctx, tree, m.body, rest) elseif rest then tree:add(unknown_field, rest) end
	if key == "gnlctrl" and not echoed then
		local name, number = ctx.seen["CTRL_ATTR_FAMILY_NAME"], plain(ctx.seen["CTRL_ATTR_FAMILY_ID"])
		if type(name) == "string" and number and number > 16 and not ctx.request then genl[number] = name end
	end
	return m.name, summary(ctx), ctx.found
end

-- Datagrams of these protocols are no netlink messages.
local datagrams = { [1] = true, [2] = true, [3] = true, [5] = true, [13] = true, [14] = true, [15] = true, [19] = true, [22] = true }
local builtin = Dissector.get("netlink")

-- Whether any field is asked for is found out at the front of a capture, and
-- whenever Wireshark begins there again.
local last, asked = 0, true
local function anybody(pinfo, tree)
	if pinfo.number <= last or last == 0 then
		asked = false
		for _, field in ipairs(list) do
			if field ~= op_field and tree:referenced(field) then
				asked = true
				break
			end
		end
	end
	last = pinfo.number
	return asked
end

function proto.dissector(tvb, pinfo, tree)
	-- A message that is malformed to it is shown all the same.
	pcall(builtin.call, builtin, tvb, pinfo, tree)
	if tvb:len() < 32 then return end
	local protocol = tvb:range(14, 2):uint()
	if datagrams[protocol] then return end
	local top = tree:add(proto, tvb:range(16))
	local info, off = {}, 16
	local ctx = { protocol = protocol, visible = tree.visible }
	ctx.short = not anybody(pinfo, tree) and not ctx.visible
	local le, be = tvb:range(16, 4):le_uint(), tvb:range(16, 4):uint()
	ctx.little = not (le > be and be >= 16)
	while off + 16 <= tvb:len() do
		local len = integer(ctx, tvb:range(off, 4), "u")
		local have = tvb:len() - off
		local range = tvb:range(off, math.max(16, math.min(len, have)))
		local item = top:add(proto, range, "Message")
		local op, line = message(ctx, item, range, false)
		item:set_text(op .. (line ~= "" and (" " .. line) or ""))
		if #info < 8 then info[#info + 1] = op .. (line ~= "" and (" " .. line) or "") end
		if len < 16 or len > have then
			item:add_proto_expert_info(bad, "nlmsg_len " .. len .. ", but " .. have .. " bytes are left")
			break
		end
		off = off + len + (4 - len % 4) % 4
	end
	if #info > 0 then pinfo.cols.info:set(table.concat(info, "; ")) end
end

DissectorTable.get("wtap_encap"):add(wtap.NETLINK, proto)
