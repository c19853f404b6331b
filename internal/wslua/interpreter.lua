
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

-- A frame's bytes are one string, ctx.raw, of which numbers and texts are read by
-- their place; a TvbRange, which costs as much as ten of these, is made only for
-- what is added to the tree. ctx.visible says that somebody looks at all of the
-- tree; asked has the fields that a filter or a column wants if nobody does.
local asked = {}

local function put(ctx, tree, field, off, n, value)
	if not ctx.visible and not asked[field] then return tree end
	if value == nil then return add(tree, field, range_of(ctx.tvb, off, n)) end
	return add(tree, field, range_of(ctx.tvb, off, n), value)
end

-- unknown shows bytes that are not taken apart, as text if that is given.
local function unknown(ctx, tree, off, n, text)
	local item = put(ctx, tree, unknown_field, off, n)
	if text and ctx.visible then item:set_text(text) end
end

-- complain is for every mode: expert infos are listed without a tree as well.
local function complain(ctx, tree, off, n, what)
	add(tree, unknown_field, range_of(ctx.tvb, off, n)):add_proto_expert_info(bad, what)
end

-- Integers. One of 8 bytes is userdata if a number of Lua 5.2 is not exact enough.
local half = { 128, 32768, 8388608, 2147483648 }
local function integer(ctx, off, n, kind, order)
	local little, v = ctx.little, nil
	if order == 1 then little = false elseif order == 2 then little = true end
	if n == 4 then
		local a, b, c, d = byte(ctx.raw, off + 1, off + 4)
		if little then a, b, c, d = d, c, b, a end
		v = a * 16777216 + b * 65536 + c * 256 + d
	elseif n == 2 then
		local a, b = byte(ctx.raw, off + 1, off + 2)
		if little then a, b = b, a end
		v = a * 256 + b
	elseif n == 1 then
		v = byte(ctx.raw, off + 1)
	elseif n == 8 then
		local high, low = integer(ctx, off, 4, "u", order), integer(ctx, off + 4, 4, "u", order)
		if little then high, low = low, high end
		if kind == "i" then
			local signed = high >= 2147483648 and high - 4294967296 or high
			if signed < -2097152 or signed >= 2097152 then return Int64.new(low, high) end
			return signed * 4294967296 + low
		end
		if high >= 2097152 then return UInt64.new(low, high) end
		return high * 4294967296 + low
	elseif n == 3 then
		local a, b, c = byte(ctx.raw, off + 1, off + 3)
		if little then a, c = c, a end
		v = a * 65536 + b * 256 + c
	else
		return nil
	end
	if kind == "i" and v >= half[n] then v = v - 2 * half[n] end
	return v
end

-- digits are those of a value, of which Lua 5.2 shows 14 when it is left to it.
local function digits(v)
	if type(v) == "number" and (v >= 1e14 or v <= -1e14) then return format("%.0f", v) end
	return tostring(v)
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
	if not e.flags or n <= 0 or n >= 4294967296 then return nil end
	local names, bit = {}, 1
	while n > 0 do
		if n % 2 == 1 then
			names[#names + 1] = e.v[bit] or format("0x%x", bit)
			n = n - 1
		end
		n, bit = n / 2, bit * 2
	end
	return table.concat(names, "|")
end

-- text is what stands before a zero. Wireshark mends what is no UTF-8.
local function text(ctx, off, n)
	local s = sub(ctx.raw, off + 1, off + n)
	local zero = find(s, "\0", 1, true)
	if zero then s = sub(s, 1, zero - 1) end
	if find(s, "[\128-\255]") then s = (string.gsub(range_of(ctx.tvb, off, n):string(), "%z.*", "")) end
	return s
end

local colons = {}
for i = 0, 255 do colons[string.char(i)] = format(":%02x", i) end
local function hex(ctx, off, n)
	return sub(string.gsub(sub(ctx.raw, off + 1, off + n), ".", colons), 2)
end

local function address(ctx, off, n)
	if n == 4 then return format("%d.%d.%d.%d", byte(ctx.raw, off + 1, off + 4)) end
	if n == 16 then return tostring(range_of(ctx.tvb, off, n):ipv6()) end
	return hex(ctx, off, n)
end

-- leads says whether a field that is asked for can be inside of a type. Types have
-- themselves inside: seen are those that are being looked at.
local known = {}
local function leads(t, seen)
	local function entries(of)
		if not of or known[of] == false or seen[of] then return false end
		if known[of] then return true end
		seen[of] = true
		for _, entry in pairs(of) do
			if type(entry) == "table" and (asked[fields[entry[1]]] or leads(entry[4] or entry[2], seen)) then
				known[of] = true
				return true
			end
		end
		return false
	end
	if t.k == "n" then return entries(t.t and structs[t.t]) or entries(t.s and sets[t.s]) end
	if t.k == "t" then return entries(structs[t.t]) end
	if t.k == "x" or t.k == "a" then return leads(t.l, seen) end
	if t.k ~= "m" then return false end
	local s = subs[t.m]
	if seen[s] then return false end
	seen[s] = true
	if s.d and leads(s.d, seen) then return true end
	for _, choices in ipairs({ s.n, s.v }) do
		for _, choice in pairs(choices) do
			if leads(choice, seen) then return true end
		end
	end
	return false
end

-- wanted says, of an attribute or a member, whether it is to be read though
-- nobody looks at the tree: because it or what is inside is asked for, or it
-- chooses what another is.
local wanted
local function want_anew()
	known = {}
	wanted = setmetatable({}, { __index = function(t, entry)
		local name, seen = entry[1], {}
		local yes = asked[fields[name]] or asked[unknown_field] or data.chooses[name] or find(name, "family", 1, true) ~= nil or leads(entry[4] or entry[2], seen)
		if not yes then
			-- Nothing was found behind any of these.
			for of in pairs(seen) do known[of] = false end
		end
		t[entry] = yes
		return yes
	end })
end
want_anew()

local max_depth = 40

-- show puts a value into the tree.
local function show(ctx, tree, name, off, n, value, words)
	local field, kind = fields[name], kinds[name]
	if not ctx.visible and not asked[field] then return tree end
	local range = range_of(ctx.tvb, off, n)
	if kind == "s" then return add(tree, field, range, words or digits(value or "")) end
	if kind == "y" or kind == "n" then return add(tree, field, range) end
	if value == nil or (n > 4 and (kind == "u4" or kind == "i4")) then
		local item = add(tree, unknown_field, range)
		item:prepend_text(name .. " ")
		return item
	end
	local wide = value
	if kind == "u8" and type(value) == "number" then
		wide = UInt64.new(value)
	elseif kind == "i8" then
		wide = type(value) == "number" and Int64.new(value) or Int64.new(value:lower(), value:higher())
	end
	local item = add(tree, field, range, wide)
	if words and words ~= digits(value) then item:append_text(" (" .. words .. ")") end
	return item
end

local decode -- defined below

-- lookup looks for a selector: beside the value, then further out.
local function lookup(scope, name)
	while scope do
		local v = scope[name]
		if v ~= nil then return v end
		scope = scope.outer
	end
	return nil
end

local function choose(ctx, scope, t, len, nested)
	local s, key = subs[t.m], nil
	if t.c == 0 then
		key = lookup(scope, t.inside ~= "" and (t.by .. "/" .. t.inside) or t.by)
		if t.present then key = key ~= nil and 1 or 0 end
	elseif t.c == 1 then key = ctx.request and 1 or 0
	elseif t.c == 2 then key = nested and 1 or 0
	elseif t.c == 3 then key = len
	elseif t.c == 4 then key = ctx.kind
	elseif t.c == 5 then key = ctx.af
	end
	if key == nil then return s.d end
	if type(key) == "string" then return s.n[key] or s.d end
	local n = plain(key)
	return n and s.v[n] or s.d
end

-- members shows a struct, of which n bytes are there. at is the place in what a
-- summary has, nil if it has nothing of this.
local function members(ctx, tree, scope, id, off, n, at)
	local s = structs[id]
	for i = 1, #s do
		local m = s[i]
		if m[2] + m[3] > n then break end
		local place = at and at[m[1]]
		if place or ctx.all or wanted[m] then decode(ctx, tree, scope, m[1], m[4], off + m[2], m[3], place, false) end
	end
	return s.n
end

-- head reads the length and the type of an attribute.
local function head(ctx, off)
	local a, b, c, d = byte(ctx.raw, off + 1, off + 4)
	if ctx.little then return a + b * 256, c + d * 256 end
	return a * 256 + b, c * 256 + d
end

-- selectors reads those of a space in advance: one may stand behind what it chooses,
-- but for those that may repeat.
local function selectors(ctx, scope, set, off, stop)
	while off + 4 <= stop do
		local len, kind = head(ctx, off)
		local f = set[kind % 16384]
		if len < 4 or off + len > stop then return end
		if f and not f[3] and len > 4 and scope[f[1]] == nil then
			local t = f[2]
			if t.k == "z" then scope[f[1]] = text(ctx, off + 4, len - 4)
			elseif t.k == "u" then scope[f[1]] = integer(ctx, off + 4, len - 4, "u", t.o)
			end
		end
		off = off + len + (4 - len % 4) % 4
	end
end

-- attributes shows those of a space, or, with element, those of a list.
local function attributes(ctx, tree, outer, id, off, n, at, element)
	local set, scope, stop, all = sets[id], { outer = outer }, off + n, ctx.all
	if ctx.depth >= max_depth then
		unknown(ctx, tree, off, n)
		return scope
	end
	ctx.depth = ctx.depth + 1
	if set and set.early then selectors(ctx, scope, set, off, stop) end
	while off < stop do
		if off + 4 > stop then
			unknown(ctx, tree, off, stop - off)
			break
		end
		local len, kind = head(ctx, off)
		if len < 4 or off + len > stop then
			complain(ctx, tree, off, stop - off, "nla_len " .. len .. ", but " .. (stop - off) .. " bytes are left")
			break
		end
		local nested = kind >= 32768
		kind = kind % 16384
		local f = set and set[kind]
		local place = f and at and at[f[1]]
		if place or element or all or (f and wanted[f]) or asked[unknown_field] then
			local found = ctx.found
			if element then
				local item = tree
				if ctx.visible then item = add(tree, proto, range_of(ctx.tvb, off, len), "[" .. kind .. "]") end
				if len > 4 then decode(ctx, item, scope, nil, element, off + 4, len - 4, at, nested) end
			elseif f then
				if f[3] then scope[f[1]] = nil end
				decode(ctx, tree, scope, f[1], f[2], off + 4, len - 4, place, nested)
			elseif ctx.visible or asked[unknown_field] then
				local item = add(tree, unknown_field, range_of(ctx.tvb, off, len))
				if (set and set.keyed) or ctx.keyed then
					item:set_text("attribute " .. kind .. ": <hidden>")
				else
					item:prepend_text("attribute " .. kind .. ": ")
				end
			end
			if off == ctx.want then
				ctx.found = f and f[1] or tostring(kind)
			elseif ctx.found ~= found and f then
				ctx.found = f[1] .. "/" .. ctx.found
			end
		end
		off = off + len + (4 - len % 4) % 4
	end
	ctx.depth = ctx.depth - 1
	return scope
end

local bytes = { k = "b" }

-- decode shows one value. n is 0 if there are no bytes: then what has them is the
-- header of the attribute before. name is nil for an element of an array, which
-- has no field of its own.
function decode(ctx, tree, scope, name, t, off, n, at, nested)
	local k = t.k
	if k == "m" then
		for _ = 1, 5 do
			if t.k == "m" then t = choose(ctx, scope, t, n, nested) or bytes end
		end
		k = t.k
	end
	local value, words = nil, nil
	if k == "h" then
		words = "<hidden>"
	elseif n == 0 then
		if k == "z" then value, words = "", "" end
	elseif k == "u" or k == "i" then
		value = integer(ctx, off, n, k, t.o)
		if value ~= nil then
			if t.e and (at or ctx.visible or not name or asked[fields[name]]) then words = named(t.e, value) end
			if t.a and n == 4 then words = address(ctx, off, n) end
			if n == 1 and name and find(name, "family", 1, true) then ctx.af = value end
		end
	elseif k == "z" then
		value = text(ctx, off, n)
		words = value
	elseif k == "b" then
		if t.a then
			value = address(ctx, off, n)
			words = value
		elseif name and kinds[name] == "s" and (ctx.visible or asked[fields[name]]) then
			words = hex(ctx, off, n)
		end
	end
	local item = tree
	if name then
		item = show(ctx, tree, name, n > 0 and off or off - 4, n > 0 and n or 4, value, words)
		if k ~= "n" and k ~= "x" then
			if k == "b" and not t.a then words = nil end
			if scope[name] == nil then
				if value == nil then scope[name] = words or true else scope[name] = value end
			end
			if at and ctx.seen[at] == nil then ctx.seen[at] = words or scope[name] end
		end
	elseif ctx.visible and (value ~= nil or words) then
		tree:append_text(" " .. (words or digits(value)))
	end
	if n == 0 then return end
	if k == "n" then
		local from = 0
		local inner = { outer = scope }
		if t.t then from = members(ctx, item, inner, t.t, off, n, at) end
		if t.s and from < n then
			local got = attributes(ctx, item, inner, t.s, off + from, n - from, at)
			-- What is inside can choose as well.
			if name then
				for key, v in pairs(got) do
					if key ~= "outer" and scope[name .. "/" .. key] == nil then scope[name .. "/" .. key] = v end
				end
			end
		end
	elseif k == "x" then
		attributes(ctx, item, scope, 0, off, n, at, t.l)
	elseif k == "t" then
		local inner = { outer = scope }
		members(ctx, item, inner, t.t, off, n, at)
		if name then
			for key, v in pairs(inner) do
				if key ~= "outer" then scope[name .. "/" .. key] = v end
			end
		end
	elseif k == "a" then
		for from = 0, math.min(n - t.n, 1024 * t.n), t.n do
			decode(ctx, item, { outer = scope }, nil, t.l, off + from, t.n, at, false)
		end
	end
end

-- holds says whether the conditions of a body do.
local function holds(ctx, when, off, n)
	for _, c in ipairs(when) do
		local kind, ok = c[1], false
		if kind == "request" then ok = ctx.request
		elseif kind == "reply" then ok = not ctx.request
		elseif kind == "dump" then
			if ctx.request then ok = ctx.flags % 1024 >= 768 else ok = ctx.flags % 4 >= 2 end
		elseif kind == "less" then ok = n < c.v
		elseif kind == "member" then
			if n >= c.off + c.n then ok = plain(integer(ctx, off + c.off, c.n, "u", c.o)) == c.v end
		elseif kind == "starts" then ok = n >= #c.text and sub(ctx.raw, off + 1, off + #c.text) == c.text
		elseif kind == "event" then ok = not ctx.request and ctx.seq == 0
		elseif kind == "create" then ok = ctx.flags % 2048 >= 1024
		elseif kind == "attrs" then ok = n >= c.v
		end
		if c.no then ok = not ok end
		if not ok then return false end
	end
	return true
end

-- places makes a tree of the places that a summary has: each is a table of those
-- inside of it, by name, and what the summary finds its value by.
local function places(b)
	if b.root then return b.root end
	b.root = { CTRL_ATTR_FAMILY_ID = {}, CTRL_ATTR_FAMILY_NAME = {} }
	for _, item in ipairs(b.line) do
		for i = 2, #item do
			local at = b.root
			for name in string.gmatch(item[i], "[^/]+") do
				at[name] = at[name] or {}
				at = at[name]
			end
			item[i] = at
		end
	end
	return b.root
end

local function payload(ctx, tree, body, off, n)
	for _, b in ipairs(bodies[body] or {}) do
		if holds(ctx, b.when, off, n) then
			local scope, from = {}, 0
			ctx.root, ctx.line = places(b), b.line
			if b.t then from = members(ctx, tree, scope, b.t, off, n, ctx.root) end
			if from >= n then return end
			if b.s then
				local aligned = from + (4 - from % 4) % 4
				if aligned < n then from = aligned end
				attributes(ctx, tree, scope, b.s, off + from, n - from, ctx.root)
			elseif b.p then
				local item = put(ctx, tree, unknown_field, off + from, n - from)
				if ctx.visible then item:set_text("payload") end
				decode(ctx, item, scope, nil, b.p, off + from, n - from, ctx.root, false)
			else
				unknown(ctx, tree, off + from, n - from)
			end
			return
		end
	end
	if n > 0 then unknown(ctx, tree, off, n) end
end

local function summary(ctx)
	local words = {}
	for _, item in ipairs(ctx.line or {}) do
		for i = 2, #item do
			local v = ctx.seen[item[i]]
			local said = v ~= nil and v ~= true and digits(v) or ""
			if said ~= "0" and said ~= "" then
				words[#words + 1] = item[1] ~= "" and (item[1] .. " " .. said) or said
				break
			end
		end
	end
	return table.concat(words, " ")
end

-- message shows one, and returns its operation, its summary and the place that is
-- wanted.
local message

-- answer shows an error or an acknowledgement.
local function answer(ctx, tree, off, n)
	if n < 4 then
		unknown(ctx, tree, off, n)
		return "NLMSG_ERROR"
	end
	local errno = integer(ctx, off, 4, "i")
	local name = errno == 0 and "ACK" or (named(data.errno, -errno) or tostring(errno))
	if errno ~= 0 then
		add(tree, error_field, range_of(ctx.tvb, off, 4), name):add_proto_expert_info(refused, name)
	else
		put(ctx, tree, error_field, off, 4, name)
	end
	if n < 20 then return name end
	local echo, left = off + 4, n - 4
	local size = math.min(integer(ctx, echo, 4, "u"), left)
	if ctx.flags % 512 >= 256 then size = 16 end -- NLM_F_CAPPED
	if size < 16 then return name end
	local said, want
	local rest = echo + size + (4 - size % 4) % 4
	if ctx.flags % 1024 >= 512 then
		while rest + 4 <= off + n do
			local len, kind = head(ctx, rest)
			kind = kind % 16384
			if len < 4 or rest + len > off + n then break end
			if kind == 1 and len > 4 then
				said = text(ctx, rest + 4, len - 4)
				put(ctx, tree, message_field, rest + 4, len - 4, said)
			elseif kind == 2 and len == 8 then
				want = integer(ctx, rest + 4, 4, "u")
			end
			rest = rest + len + (4 - len % 4) % 4
		end
	end
	local asked_for = tree
	if ctx.visible then asked_for = add(tree, proto, range_of(ctx.tvb, echo, size), "Request") end
	local op, line, found = message(ctx, asked_for, echo, size, true, want and echo + want)
	if found and (ctx.visible or asked[path_field]) then put(ctx, tree, path_field, echo, size, found):set_generated() end
	return name .. " " .. op .. (line ~= "" and (" " .. line) or "") .. (said and (' "' .. said .. '"') or "") .. (found and (" at " .. found) or "")
end

local controls = { [1] = "NLMSG_NOOP", [2] = "NLMSG_ERROR", [3] = "NLMSG_DONE", [4] = "NLMSG_OVERRUN" }

function message(outer, tree, off, n, echoed, want)
	local ctx = {
		raw = outer.raw, tvb = outer.tvb, little = outer.little, visible = outer.visible, all = outer.visible or want, protocol = outer.protocol,
		seen = {}, depth = 0, want = want,
	}
	local kind = integer(ctx, off + 4, 2, "u")
	ctx.flags, ctx.seq = integer(ctx, off + 6, 2, "u"), integer(ctx, off + 8, 4, "u")
	ctx.kind, ctx.request = kind, ctx.flags % 2 == 1
	put(ctx, tree, type_field, off + 4, 2, kind)
	put(ctx, tree, flags_field, off + 6, 2, ctx.flags)
	put(ctx, tree, seq_field, off + 8, 4, ctx.seq)
	put(ctx, tree, pid_field, off + 12, 4, integer(ctx, off + 12, 4, "u"))
	local from, left = off + 16, n - 16
	local function named_op(name)
		if not echoed and (ctx.visible or asked[op_field]) then put(ctx, tree, op_field, off, n, name):set_generated() end
		return name
	end
	local function rest(text)
		if left > 0 then unknown(ctx, tree, from, left, text) end
	end
	if kind < 16 then
		local op = named_op(controls[kind] or ("control " .. kind))
		if kind == 2 and left > 0 and not echoed then return answer(ctx, tree, from, left), "" end
		rest()
		return op, ""
	end
	local key, id = "p" .. ctx.protocol, kind
	if ctx.protocol == 16 then
		local family = genl[kind]
		if not family then
			rest("family " .. kind .. ", which nothing has named: <hidden>")
			return named_op("family " .. kind), ""
		end
		if left < 4 then
			rest()
			return named_op(family), ""
		end
		local version
		id, version = byte(ctx.raw, from + 1, from + 2)
		key, ctx.kind = "g" .. family, id
		unknown(ctx, tree, from, 4, "genlmsghdr: family " .. family .. ", cmd " .. id .. ", version " .. version)
		from, left = from + 4, left - 4
	end
	local t = messages(key)
	local a, b = t.q, t.r
	if not ctx.request then a, b = b, a end
	local m = a[id] or b[id] or t.e[id]
	if not ctx.request and ctx.seq == 0 and t.e[id] then m = t.e[id] end
	if not m then
		rest()
		return named_op(key .. " type " .. id), ""
	end
	named_op(m.name)
	if left > 0 and m.body > 0 then payload(ctx, tree, m.body, from, left) else rest() end
	if key == "gnlctrl" and not echoed and ctx.root then
		local name, number = ctx.seen[ctx.root.CTRL_ATTR_FAMILY_NAME], plain(ctx.seen[ctx.root.CTRL_ATTR_FAMILY_ID])
		if type(name) == "string" and number and number > 16 and not ctx.request then genl[number] = name end
	end
	return m.name, summary(ctx), ctx.found
end

-- Datagrams of these protocols are no netlink messages.
local datagrams = { [1] = true, [2] = true, [3] = true, [5] = true, [13] = true, [14] = true, [15] = true, [19] = true, [22] = true }
local builtin = Dissector.get("netlink")

-- What is asked for is found out at the front of a capture, and whenever frames
-- are not taken in turn: then Wireshark may want another thing of them.
local last = -1
local function ask(pinfo, tree)
	if pinfo.number ~= last + 1 then
		local now, same = {}, true
		for _, field in ipairs(list) do
			if referenced(tree, field) then now[field] = true end
			same = same and now[field] == asked[field]
		end
		asked = now
		if not same then want_anew() end
	end
	last = pinfo.number
end

function proto.dissector(tvb, pinfo, tree)
	-- A message that is malformed to it is shown all the same.
	pcall(builtin.call, builtin, tvb, pinfo, tree)
	local stop = tvb:len()
	if stop < 32 then return end
	local ctx = { raw = tvb:raw(), tvb = tvb, visible = tree.visible, little = false }
	ctx.protocol = integer(ctx, 14, 2, "u")
	if datagrams[ctx.protocol] then return end
	if not ctx.visible then ask(pinfo, tree) end
	local top = tree:add(proto, tvb:range(16))
	local info, off = {}, 16
	local le, be = integer(ctx, 16, 4, "u", 2), integer(ctx, 16, 4, "u", 1)
	ctx.little = not (le > be and be >= 16)
	while off + 16 <= stop do
		local len, have = integer(ctx, off, 4, "u"), stop - off
		local n, item = math.max(16, math.min(len, have)), top
		if ctx.visible then item = add(top, proto, tvb:range(off, n), "Message") end
		local op, line = message(ctx, item, off, n, false)
		if line ~= "" then op = op .. " " .. line end
		if ctx.visible then item:set_text(op) end
		if #info < 8 then info[#info + 1] = op end
		if len < 16 or len > have then
			item:add_proto_expert_info(bad, "nlmsg_len " .. len .. ", but " .. have .. " bytes are left")
			break
		end
		off = off + len + (4 - len % 4) % 4
	end
	if #info > 0 then pinfo.cols.info:set(table.concat(info, "; ")) end
end

DissectorTable.get("wtap_encap"):add(wtap.NETLINK, proto)
