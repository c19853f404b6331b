-- show puts a value into the tree.
local function show(ctx, tree, name, off, n, value, words)
	local field, kind = fields[name], kinds[name]
	if not ctx.visible and not asked[field] then return tree end
	local range = range_of(ctx.tvb, off, n)
	if words == "<hidden>" and kind ~= "s" and kind ~= "n" then
		local item = hidden(ctx, tree, off, n)
		item:set_text(name .. ": <hidden>")
		return item
	end
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
				if (set and set.keyed) or ctx.keyed then
					hidden(ctx, tree, off, len):set_text("attribute " .. kind .. ": <hidden>")
				else
					add(tree, unknown_field, range_of(ctx.tvb, off, len)):prepend_text("attribute " .. kind .. ": ")
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

local bytes, secret = { k = "b" }, { k = "h" }

-- fits says whether a value of a type can have n bytes.
local function fits(t, n)
	if t.k == "u" or t.k == "i" then return n == t.n or (t.n == 0 and (n == 4 or n == 8)) end
	if t.ip then return n == 4 or n == 16 end
	return not (t.lo and n < t.lo or t.hi and n > t.hi)
end

-- elements shows a list of what has a type and a length of its own shape, or a struct
-- with both, in front.
local function elements(ctx, tree, outer, t, off, n, at)
	local set, stop = sets[t.s], off + n
	if ctx.depth >= max_depth then return unknown(ctx, tree, off, n) end
	ctx.depth = ctx.depth + 1
	while off < stop do
		if off + t.head > stop then
			unknown(ctx, tree, off, stop - off)
			break
		end
		local id, len = integer(ctx, off + t.ioff, t.isize, "u", t.iorder), integer(ctx, off + t.loff, t.lsize, "u", t.lorder) * t.unit
		if t.whole then len = len - t.head end
		if len < 0 or off + t.head + len > stop then
			complain(ctx, tree, off, stop - off, "a length of " .. len .. ", but " .. (stop - off - t.head) .. " bytes are left")
			break
		end
		local scope, f, item = { outer = outer }, set and set[id], tree
		if t.t then
			if ctx.visible then item = add(tree, proto, range_of(ctx.tvb, off, t.head + len), "[" .. id .. "]") end
			members(ctx, item, scope, t.t, off, t.head, at)
		end
		if f then
			if len > 0 or f[2].k == "f" then decode(ctx, item, scope, f[1], f[2], off + t.head, len, at and at[f[1]], false) end
		elseif len > 0 then
			unknown(ctx, item, off + t.head, len)
		end
		off = off + t.head + len
		off = off + (t.align - (t.head + len) % t.align) % t.align
	end
	ctx.depth = ctx.depth - 1
end

-- packet hands bytes to Wireshark's own dissector of what they start with, but for
-- those that its dissector of netlink does: twice in a frame, a packet is counted twice.
-- That of a family with keys may have one in it.
local handed = { NFQA_PAYLOAD = true, NFULA_PAYLOAD = true }
local layers = { "eth_withoutfcs", nil, "ip", "ipv6", "arp", "wlan_withoutfcs", "radiotap", "eapol" }
local function packet(ctx, tree, at, layer, off, n)
	local name = layers[layer]
	local a, b, c, d, e, f = byte(ctx.raw, off + 1, off + 6)
	if layer == 2 or layer == 9 then
		local version = floor(a / 16)
		if version == 4 and n >= 20 and (layer == 2 or c * 256 + d == n) then name = "ip"
		elseif version == 6 and n >= 40 and (layer == 2 or e * 256 + f == n - 40) then name = "ipv6"
		elseif layer == 9 and n >= 14 then name = "eth_withoutfcs"
		end
	end
	if not name or ctx.keyed or handed[at] then return end
	local inner = Dissector.get(name)
	if ctx.pinfo and inner then
		ctx.frame.inner = true
		pcall(inner.call, inner, range_of(ctx.tvb, off, n):tvb(), ctx.pinfo, tree)
	end
end

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
	-- Of a family with keys, what is not as it is described may be one from its
	-- first byte on.
	if ctx.keyed and n > 0 and not fits(t, n) then t, k = secret, "h" end
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
	elseif k == "w" then
		words = bitmap(ctx, t, off, n)
		value = words
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
		if k ~= "n" and k ~= "x" and k ~= "v" then
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
	elseif k == "v" then
		elements(ctx, item, scope, t, off, n, at)
	elseif k == "p" then
		packet(ctx, item, name, t.l, off, n)
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

